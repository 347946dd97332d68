import { vector } from '../support/vectors.ts';

const run = (command: string): readonly string[] => ['run', 'PASSWORD=prod/db/password', '--', command, 'argument'];

export default vector({
  row: 125,
  title: 'run: the command is not there or cannot be executed',
  cases: [
    { name: 'on PATH', args: run('no-such-command'), exit: 127, reason: 'COMMAND_NOT_FOUND', packets: 0 },
    { name: 'by its path', args: run('./no-such-command'), exit: 127, reason: 'COMMAND_NOT_FOUND', packets: 0 },
    {
      name: 'a plain file',
      files: { script: '#!/bin/sh\n' },
      args: run('./script'),
      exit: 126,
      reason: 'COMMAND_NOT_EXECUTABLE',
      packets: 0,
    },
    { name: 'a directory', args: run('/tmp'), exit: 126, reason: 'COMMAND_NOT_EXECUTABLE', packets: 0 },
  ],
});
