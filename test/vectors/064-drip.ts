import { vector } from '../support/vectors.ts';
import { tlsServer } from '../support/odd-servers.ts';
import type { Socket } from 'node:net';
import type { Stage } from '../support/stage.ts';

/** A status line and headers, one byte at a time, without end. */
function drip(stage: Stage, socket: Socket): void {
  const timer = setInterval(() => socket.write('x'), 100);
  socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
  stage.defer(() => clearInterval(timer));
}

export default vector({
  row: 64,
  title: 'body drip',
  cases: [
    {
      faults: ['read:drip'],
      args: ['fetch', '--timeout', '2s', 'A=prod/db/password'],
      exit: 69,
      reason: 'TIMEOUT',
      says: [/2 s is used up while (?:waiting for|reading) the answer to GET https:\/\/\S+\/secrets/],
    },
    {
      name: 'headers',
      before: async (stage) => (await tlsServer(stage, (socket) => void drip(stage, socket))).env,
      args: ['fetch', '--timeout', '2s', 'A=prod/db/password'],
      exit: 69,
      reason: 'TIMEOUT',
    },
  ],
});
