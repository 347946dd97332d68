import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { reply, tlsServer } from '../support/odd-servers.ts';

export default vector({
  row: 75,
  title: 'two content-lengths, or one with transfer-encoding',
  cases: [
    ...['content-length: 2\r\ncontent-length: 3', 'content-length: 2\r\ntransfer-encoding: chunked'].map(
      (headers) =>
        ({
          name: headers.replace('\r\n', ', '),
          before: async (stage) =>
            (await tlsServer(stage, reply(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${headers}\r\n\r\n{}`)))
              .env,
          exit: 76,
          reason: 'FRAMING',
        }) satisfies Case,
    ),
  ],
});
