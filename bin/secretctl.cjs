#!/usr/bin/env node
// CommonJS: the loader of ES modules costs as much as a tenth of a whole `fetch`.
// Plain enough for a Node that is far too old to read it to its end and be told so.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 19)) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a condition says which file that is, and no type
  const program = /** @type {{ start: () => Promise<number> }} */ (require('#main'));
  void program.start().then((code) => (process.exitCode = code));
} else {
  const found = `Node ${process.versions.node} is too old, 22.19 or newer is needed`;
  const hint = 'a clone has one after npm ci: PATH="$PWD/node_modules/.bin:$PATH"; the executable brings its own';
  process.stderr.write(`secretctl: error[NODE_VERSION]: ${found}\nsecretctl: hint: ${hint}\n`);
  process.exitCode = 78;
}
