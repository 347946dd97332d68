import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';

const TOKEN = craftToken(RS256, fineClaims());

export default vector({
  row: 24,
  title: 'token given on the command line',
  cases: [
    ...[['--token-env', TOKEN], [`--token-file=${TOKEN}`], ['--token', TOKEN], [TOKEN], ['--config', TOKEN]].map(
      (args, index) =>
        ({
          name: `${index + 1}`,
          args: ['fetch', ...args],
          exit: 64,
          reason: 'SECRET_IN_ARGV',
          saysNot: [TOKEN.slice(0, 20)],
          packets: 0,
        }) as const,
    ),
  ],
});
