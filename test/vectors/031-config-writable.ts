import { chmodSync } from 'node:fs';
import path from 'node:path';
import { vector } from '../support/vectors.ts';

export default vector({
  row: 31,
  title: 'configuration writable by others',
  cases: [
    {
      files: { 'secretctl.yaml': 'secrets: { PASSWORD: prod/db/password }\n' },
      before: (stage) => chmodSync(path.join(stage.cwd, 'secretctl.yaml'), 0o666),
      args: ['fetch', '--format', 'json'],
      exit: 0,
      stdout: /PASSWORD/,
      saysNot: [/warning/],
    },
  ],
});
