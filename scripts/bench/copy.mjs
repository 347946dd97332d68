// What a Node program costs that only stands between a command and whoever reads it: the command's output, or standard input.
import { spawn } from 'node:child_process';

const [program, ...words] = process.argv.slice(2);
const source =
  program === undefined ? process.stdin : spawn(program, words, { stdio: ['inherit', 'pipe', 'inherit'] }).stdout;
source.pipe(process.stdout);
