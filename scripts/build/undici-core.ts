import type { Plugin } from 'esbuild';

/**
 * Files of undici that its dispatcher core asks for but never reaches in this program: HTTP/2 is switched off, and
 * no body is a FormData.
 */
const NEVER_REACHED: Readonly<Record<string, string>> = {
  'dispatcher/client-h2.js': "module.exports = () => { throw new Error('HTTP/2 is not part of this build') }",
  'dispatcher/socks5-proxy-agent.js':
    "module.exports = class { constructor() { throw new Error('no SOCKS proxies') } }",
  'web/fetch/body.js': "module.exports = { extractBody() { throw new Error('no FormData') } }",
  'web/fetch/formdata.js': 'module.exports = {}',
  'web/webidl/index.js': 'module.exports = { webidl: { is: { FormData: () => false } } }',
};

/** Takes from undici the dispatcher core alone: the whole package costs four times the CPU to load. */
export const undiciCore: Plugin = {
  name: 'undici-core',
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/undici\/index\.js$/ }, () => ({
      errors: [{ text: 'import the files of undici that are needed, not the whole of it' }],
    }));
    build.onLoad({ filter: /\/node_modules\/undici\/lib\// }, ({ path }) => {
      const file = path.slice(path.lastIndexOf('/undici/lib/') + '/undici/lib/'.length);
      const contents = NEVER_REACHED[file];
      return contents === undefined ? undefined : { contents, loader: 'js' };
    });
  },
};
