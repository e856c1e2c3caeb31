import type { Command } from 'commander';
import type { Output } from './output.ts';

/**
 * Adds one command to the program. A command's file declares arguments and options only and imports the work it does when it runs, so
 * that `--help` starts nothing.
 */
export type AddCommand = (program: Command, output: Output) => void;
