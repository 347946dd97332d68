import { vector } from '../support/vectors.ts';
import { reply, tlsServer } from '../support/odd-servers.ts';

export default vector({
  row: 65,
  title: 'endless headers, 1 MB header',
  cases: [
    {
      name: '1 MB header',
      before: async (stage) =>
        (await tlsServer(stage, reply(`HTTP/1.1 200 OK\r\nx-big: ${'x'.repeat(1_000_000)}\r\n\r\n`))).env,
      exit: 76,
      reason: 'HEADERS_TOO_BIG',
    },
    {
      name: 'many headers',
      before: async (stage) =>
        (await tlsServer(stage, reply(`HTTP/1.1 200 OK\r\n${'x-more: y\r\n'.repeat(100_000)}`, { keepOpen: true })))
          .env,
      exit: 76,
      reason: 'HEADERS_TOO_BIG',
    },
  ],
});
