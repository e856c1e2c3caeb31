#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { HypercolumnError, messageOf } from '../core/errors.ts';
import { packageVersion } from '../host/version.ts';
import { COMMANDS } from './commands/index.ts';
import { EXIT_OF_SIGNAL, Interruption, type StopSignal, stopWork, whatIsLeft } from './interruption.ts';
import { processOutput } from './output.ts';

const EXIT_DEFECT = 1;
const EXIT_MISTAKE = 2;
/** What the system says of a file that is not there, may not be touched, or finds no room: the user's to mend. */
const SYSTEM_MISTAKES =
  'ENOENT EACCES EPERM EISDIR ENOTDIR ENOSPC EDQUOT EFBIG EROFS EEXIST ENAMETOOLONG ELOOP EMFILE ENFILE'.split(' ');

const output = processOutput();
const program = new Command('hypercolumn')
  .description("Learn how to aggregate a deep network's stages so that distances in its embedding match brain RDMs.")
  .version(packageVersion())
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .option('--debug', 'print the stack of an error');
for (const addCommand of COMMANDS) addCommand(program, output);
listWhatIsAllowed(program);

// What is half written is removed as the process exits.
for (const signal of Object.keys(EXIT_OF_SIGNAL) as StopSignal[]) {
  process.on(signal, () => {
    const waits = stopWork(signal);
    if (signal === 'SIGHUP') output.hangUp(); // then nobody listens any more
    if (waits) output.say('stopping after this step, to keep what was learnt; once more stops at once');
    else process.exit(lastWords(signal));
  });
}
// Whoever read the results has seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what an interrupted command leaves, and gives the exit status. */
function lastWords(signal: StopSignal): number {
  const left = program.args[0] === 'weights' ? 'what was downloaded is kept, run it again to go on' : whatIsLeft();
  output.say(`interrupted; ${left}`);
  return EXIT_OF_SIGNAL[signal];
}

/** After a mistake in the arguments, the commands or options that there are. */
function listWhatIsAllowed(program: Command): void {
  const names = program.commands.map((command) => command.name());
  program.showHelpAfterError(`(commands: ${names.join(', ')}; hypercolumn --help explains them)`);
  for (const command of program.commands) {
    const flags = command.options.map((option) => option.flags);
    command.showHelpAfterError(
      `(options of ${command.name()}: ${flags.join(', ')}; hypercolumn ${command.name()} --help explains them)`,
    );
  }
}

/** Prints an error the way its reader needs it, and gives the exit status. */
function report(error: unknown): number {
  if (error instanceof Interruption) return lastWords(error.signal);
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

function isSystemMistake(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === 'string' && SYSTEM_MISTAKES.includes(code);
}
