import { vector } from '../support/vectors.ts';
import { script } from '../support/shell.ts';

export default vector({
  row: 120,
  title: '2 MB to a slow pipe',
  cases: [
    {
      secrets: new Map([...Array(4).keys()].map((index) => [`big/${index}`, Buffer.alloc(500_000, 'wxyz'[index])])),
      run: script(
        'secretctl fetch --format json A=big/0 B=big/1 C=big/2 D=big/3 | { read -r first; cat; } | wc -c | tr -d " \\n"',
      ),
      exit: 0,
      stdout: /^2000\d{3}$/,
    },
  ],
});
