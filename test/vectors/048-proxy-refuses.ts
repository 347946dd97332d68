import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { rawServer, reply } from '../support/odd-servers.ts';

export default vector({
  row: 48,
  title: 'proxy refuses CONNECT',
  cases: [
    ...(
      [
        [403, 69, 'PROXY_DENIED'],
        [407, 78, 'PROXY_AUTH'],
      ] as const
    ).map(
      ([status, exit, reason]) =>
        ({
          name: String(status),
          env: { CONJUR_APPLIANCE_URL: 'https://conjur.example.test' },
          before: async (stage) => ({
            https_proxy: `http://alice:hunter2hunter2@127.0.0.1:${await rawServer(stage, reply(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`))}`,
          }),
          exit,
          reason,
          saysNot: [/hunter2/],
        }) satisfies Case,
    ),
  ],
});
