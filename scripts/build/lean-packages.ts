import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/**
 * Files of undici that its dispatcher core asks for but never reaches in this program: HTTP/2 is switched off, and
 * no body is a FormData. And one that pays only for many answers: a search tree of header names, built when it loads.
 */
const NOT_NEEDED: Readonly<Record<string, string>> = {
  'core/tree.js': 'module.exports = { tree: { lookup: () => null } }',
  'dispatcher/client-h2.js': "module.exports = () => { throw new Error('HTTP/2 is not part of this build') }",
  'web/fetch/body.js': "module.exports = { extractBody() { throw new Error('no FormData') } }",
  'web/fetch/formdata.js': 'module.exports = {}',
  'web/webidl/index.js': 'module.exports = { webidl: { is: { FormData: () => false } } }',
};

/**
 * Modules of Node that a package loads for less than loading them costs: what it uses of them, by package. undici
 * looks whether a stream is Node's own answer, which none is here, and for a default that is always given; commander
 * runs programs for commands of a kind that this program has not.
 */
const INSTEAD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  undici: {
    'node:http': 'module.exports = { IncomingMessage: class {}, maxHeaderSize: 16384 }',
    'node:assert': "module.exports = (holds) => { if (!holds) throw new Error('undici contradicts itself') }",
  },
  commander: {
    'node:child_process': 'export default {}',
  },
};

/**
 * undici's HTTP parser is WebAssembly. As soon as a few kilobytes have been read with it, V8 would compile the best code
 * it can, in a thread that takes as long as everything else here together. This goes to the start of its loader.
 */
const LOADER = 'function lazyllhttp () {';
const NO_BEST_CODE = "process.getBuiltinModule('node:v8').setFlagsFromString('--wasm-tiering-budget=2000000000');";

/** Takes from undici the dispatcher core alone, and spares it and commander what they hardly use of Node. */
export const leanPackages: Plugin = {
  name: 'lean-packages',
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/undici\/index\.js$/ }, () => ({
      errors: [{ text: 'import the files of undici that are needed, not the whole of it' }],
    }));
    build.onLoad({ filter: /\/node_modules\/undici\/lib\// }, ({ path }) => {
      const file = path.slice(path.lastIndexOf('/undici/lib/') + '/undici/lib/'.length);
      const contents = file === 'dispatcher/client-h1.js' ? withoutBestCode(path) : NOT_NEEDED[file];
      return contents === undefined ? undefined : { contents, loader: 'js' };
    });
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) => {
      const name = /\/node_modules\/(?<name>undici|commander)\//.exec(importer)?.groups?.['name'] ?? '';
      return INSTEAD[name]?.[path] === undefined ? undefined : { path: `${name}/${path}`, namespace: 'instead' };
    });
    build.onLoad({ filter: /.*/, namespace: 'instead' }, ({ path }) => {
      const [name = '', module = ''] = path.split('/');
      return { contents: INSTEAD[name]?.[module] ?? '', loader: 'js' };
    });
  },
};

function withoutBestCode(file: string): string {
  const code = readFileSync(file, 'utf8');
  if (code.split(LOADER).length !== 2) throw new Error(`${file} loads its parser in another way`);
  return code.replace(LOADER, `${LOADER}\n${NO_BEST_CODE}`);
}
