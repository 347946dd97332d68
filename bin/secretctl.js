#!/usr/bin/env node
import { createRequire } from 'node:module';

// Plain enough for a Node that is far too old to read it to its end and be told so.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 19)) {
  // Not import(): it would read the whole program through once more, for the names of its exports.
  const { start } = createRequire(import.meta.url)('#main');
  start().then((code) => (process.exitCode = code));
} else {
  const found = `Node ${process.versions.node} is too old, 22.19 or newer is needed`;
  const hint = 'a clone has one after npm ci: PATH="$PWD/node_modules/.bin:$PATH"; the executable brings its own';
  process.stderr.write(`secretctl: error[NODE_VERSION]: ${found}\nsecretctl: hint: ${hint}\n`);
  process.exitCode = 78;
}
