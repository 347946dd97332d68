import { vector } from '../support/vectors.ts';
import { truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const BOMB = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghij'
    .split('')
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`),
].join('\n');

function touch(file: string): string {
  writeFileSync(file, '');
  return file;
}

export default vector({
  row: 30,
  title: 'huge configuration, alias bomb',
  cases: [
    {
      name: '100 MB',
      before: (stage) => truncateSync(touch(path.join(stage.cwd, 'secretctl.yaml')), 100_000_000),
      exit: 78,
      reason: 'CONFIG_TOO_BIG',
      packets: 0,
    },
    { name: 'alias bomb', files: { 'secretctl.yaml': BOMB }, exit: 78, reason: 'CONFIG_TOO_BIG', packets: 0 },
  ],
});
