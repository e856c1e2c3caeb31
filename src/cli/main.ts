#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { HypercolumnError, messageOf } from '../core/errors.ts';
import { packageVersion } from '../host/version.ts';
import { COMMANDS } from './commands/index.ts';
import { processOutput } from './output.ts';

const EXIT_DEFECT = 1;
const EXIT_MISTAKE = 2;
const EXIT_INTERRUPTED = 130;

const output = processOutput();
const program = new Command('hypercolumn')
  .description("Learn how to aggregate a deep network's stages so that distances in its embedding match brain RDMs.")
  .version(packageVersion())
  .showHelpAfterError('(hypercolumn --help lists the commands)')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .option('--debug', 'print the stack of an error');
for (const addCommand of COMMANDS) addCommand(program, output);

process.once('SIGINT', () => process.exit(EXIT_INTERRUPTED));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints an error the way its reader needs it, and gives the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_MISTAKE; // commander has printed it
  const mistake = error instanceof HypercolumnError || isSystemMistake(error);
  output.say(
    mistake
      ? `error: ${messageOf(error)}`
      : `internal error: ${messageOf(error)} (please report it; --debug prints the stack)`,
  );
  if (program.opts()['debug'] === true && error instanceof Error) output.say(error.stack ?? '');
  return mistake ? EXIT_MISTAKE : EXIT_DEFECT;
}

/** A file that is not there, may not be read, or a disk that is full: the user's to mend, said in the system's words with the path. */
function isSystemMistake(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return (
    typeof code === 'string' &&
    ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'ENOSPC', 'EROFS', 'EEXIST'].includes(code)
  );
}
