import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { recipeSchema } from '../src/backends/http/index.ts';
import { configurationSchema } from '../src/config/schema.ts';
import { bundle } from './build/bundle.ts';
import { notices } from './build/notices.ts';

const root = path.join(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

const { code, metafile } = await bundle(root);
mkdirSync(dist, { recursive: true });
put('secretctl.cjs', code);
// Without line breaks: a request stands in it many times over.
put('secretctl-recipe.schema.json', `${JSON.stringify(recipeSchema())}\n`);
put('secretctl.schema.json', `${JSON.stringify(configurationSchema(), undefined, 2)}\n`);
put('THIRD-PARTY-NOTICES.txt', notices(root, metafile));
chmodSync(path.join(root, 'bin/secretctl.cjs'), 0o755);

/** Whole or not at all, because a test may run the program at this very moment. */
function put(name: string, text: string): void {
  const temporary = path.join(dist, `.${name}.${process.pid}`);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path.join(dist, name));
  } finally {
    rmSync(temporary, { force: true });
  }
}
