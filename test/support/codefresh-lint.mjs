/** Says what Codefresh's own validator has against files, by their names: `codefresh-lint.mjs PLACE FILE…`. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [place = '', ...files] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(place), 'package.json'));
const validator = require('@codefresh-io/yaml-validator/validator');
const { parse } = require('yaml');

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  try {
    validator.validate(parse(text), 'message', text);
  } catch (error) {
    process.stdout.write(`${file}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
