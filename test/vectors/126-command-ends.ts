import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';

/** Fails in its own way, and says so by itself. */
const ending = (name: string, script: string, exit: number): Case => ({
  name,
  args: ['run', 'PASSWORD=prod/db/password', '--', 'sh', '-c', script],
  exit,
  saysNot: [/secretctl:/],
});

export default vector({
  row: 126,
  title: 'run: how the command ended is how we end, without a word',
  cases: [
    ending('exit 69', 'exit 69', 69),
    ending('exit 1 with a message', 'echo failed >&2; exit 1', 1),
    ending('TERM', 'kill -TERM $$', 143),
    ending('KILL', 'kill -KILL $$', 137),
    ending('INT', 'kill -INT $$', 130),
  ],
});
