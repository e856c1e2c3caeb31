/** The command line of this process as a shell takes it, so that a result can tell how it was made. */
export function commandLine(words: readonly string[] = process.argv.slice(2)): string {
  return ['hypercolumn', ...words].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
