import { defineConfig, type OxlintOverride } from 'oxlint';

type Folder = 'cli' | 'app' | 'config' | 'sources' | 'backends' | 'formats' | 'output' | 'dev' | 'lib';

/** Files of `src/` and all that they may import besides their own folder and harmless modules of Node. */
interface Area {
  readonly files: string;
  readonly folders: readonly Folder[];
  readonly packages?: readonly string[];
  /** Modules of Node that touch the world. */
  readonly world?: readonly string[];
  /** Whether it may draw random bytes itself (key generation by a library that wants Web Crypto). */
  readonly random?: boolean;
}

const FOLDERS: readonly Folder[] = ['cli', 'app', 'config', 'sources', 'backends', 'formats', 'output', 'dev', 'lib'];

/** Of these folders nobody else sees more than the table and the types. */
const ENTRANCES = {
  folders: ['sources', 'backends', 'formats', 'output', 'dev'],
  files: ['index.ts', 'types.ts'],
} as const;

const PACKAGES = ['undici', 'jose', 'commander', 'chalk', '@clack', 'yaml', '@peculiar/x509'];

const WORLD = (
  'child_process cluster dgram dns dns/promises fs fs/promises http http2 https inspector module net os perf_hooks ' +
  'process timers timers/promises tls v8 vm worker_threads'
).split(' ');

const BELOW_CONFIG: readonly Folder[] = ['sources', 'backends', 'formats', 'output', 'lib'];
const SERVERS = ['http', 'https', 'net', 'tls'];

/**
 * The order of imports, from the top down: a folder imports only what stands below it, and `sources`, `backends`,
 * `formats`, `output` and `dev` are strangers to each other. A later row wins over an earlier one.
 */
const AREAS: readonly Area[] = [
  { files: 'src/*.ts', folders: ['cli', 'app', 'config', ...BELOW_CONFIG] },
  { files: 'src/cli/**/*.ts', folders: ['app', 'config', ...BELOW_CONFIG], packages: ['commander', 'chalk'] },
  { files: 'src/cli/init-form.ts', folders: ['app', 'config', ...BELOW_CONFIG], packages: ['@clack'] },
  { files: 'src/cli/dev*.ts', folders: ['app', 'config', ...BELOW_CONFIG, 'dev'], packages: ['commander', 'chalk'] },
  { files: 'src/app/**/*.ts', folders: ['config', ...BELOW_CONFIG] },
  { files: 'src/config/**/*.ts', folders: BELOW_CONFIG, packages: ['yaml'] },
  { files: 'src/sources/**/*.ts', folders: ['lib'] },
  { files: 'src/backends/**/*.ts', folders: ['lib'] },
  { files: 'src/formats/**/*.ts', folders: ['lib'] },
  { files: 'src/output/**/*.ts', folders: ['lib'] },
  { files: 'src/dev/**/*.ts', folders: ['lib'], world: SERVERS },
  {
    files: 'src/dev/frame/certificates.ts',
    folders: ['lib'],
    packages: ['@peculiar/x509'],
    world: ['net'],
    random: true,
  },
  { files: 'src/dev/conjur/policy-tree.ts', folders: ['lib'], packages: ['yaml'] },
  { files: 'src/lib/**/*.ts', folders: [] },
  { files: 'src/lib/http*.ts', folders: [], packages: ['undici'], world: ['net', 'tls'] },
  { files: 'src/lib/pem.ts', folders: [], world: ['tls'] },
  { files: 'src/lib/jwt*.ts', folders: [], packages: ['jose'] },
  { files: 'src/lib/runtime.ts', folders: [], world: ['fs', 'child_process', 'net', 'timers/promises'], random: true },
];

const RANDOM = ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'webcrypto'];
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'];
const NETWORK = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'navigator'];
const ROOTS = ['process', 'global', 'globalThis', 'performance', 'crypto', 'require', '__dirname', '__filename'];

const RUNTIME_ONLY = 'Take it from Runtime: only src/lib/runtime.ts touches the world.';

/** Only `src/lib/runtime.ts` does without these. */
const NO_WORLD: OxlintOverride['rules'] = {
  'no-restricted-globals': [
    'error',
    ...[...ROOTS, ...TIMERS, ...NETWORK].map((name) => ({ name, message: RUNTIME_ONLY })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: RUNTIME_ONLY },
    { object: 'Math', property: 'random', message: RUNTIME_ONLY },
    { object: 'AbortSignal', property: 'timeout', message: RUNTIME_ONLY },
  ],
};

function boundary(area: Area): OxlintOverride {
  const own = FOLDERS.find((folder) => area.files.startsWith(`src/${folder}/`));
  const forbidden = FOLDERS.filter((folder) => folder !== own && !area.folders.includes(folder));
  const guarded = ENTRANCES.folders.filter((folder) => folder !== own && area.folders.includes(folder));
  const packages = PACKAGES.filter((name) => area.packages?.includes(name) !== true);
  const world = WORLD.filter((name) => area.world?.includes(name) !== true);
  const patterns = [
    { regex: '^(/|#|file:|[a-z]:|\\./\\.)|[^./]/\\.', message: 'Import by the plain relative path.' },
    { regex: '^(\\.\\./)+((main|start)\\.ts|src|test|scripts|bin|dist)(/|$)', message: 'Imports go downwards only.' },
    {
      regex: `^${own === undefined ? '\\./' : '(\\.\\./)+'}(${forbidden.join('|')})/`,
      message: 'Imports go downwards only, and siblings are strangers.',
    },
    ...guarded.map((folder) => ({
      group: [`**/${folder}/**`, ...ENTRANCES.files.map((file) => `!**/${folder}/${file}`)],
      message: `Outside of ${folder}/ only its ${ENTRANCES.files.join(' or ')} is seen.`,
    })),
    { regex: `^(${packages.join('|')})(/|$)`, message: 'This package is for another file: see oxlint.config.ts.' },
    { regex: `^(node:)?(${world.join('|')})$`, message: RUNTIME_ONLY },
  ];
  const paths = area.random === true ? [] : [{ name: 'node:crypto', importNames: RANDOM, message: RUNTIME_ONLY }];
  return { files: [area.files], rules: { 'no-restricted-imports': ['error', { patterns, paths }] } };
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'node', 'promise', 'vitest'],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  env: { builtin: true, node: true },
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  ignorePatterns: ['dist/', 'node_modules/', 'test/fixtures/'],
  rules: {
    // Budgets
    'max-lines': ['error', { max: 300 }],
    'max-lines-per-function': ['error', { max: 60 }],
    complexity: ['error', { max: 12 }],
    'max-params': ['error', { max: 4 }],
    'max-depth': ['error', { max: 4 }],
    'max-classes-per-file': ['error', { max: 3 }],
    // Imports
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'import/no-duplicates': 'error',
    'import/first': 'error',
    'import/no-mutable-exports': 'error',
    'import/no-commonjs': 'error',
    'import/extensions': ['error', 'ignorePackages', { ts: 'always' }],
    'unicorn/prefer-node-protocol': 'error',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'typescript/consistent-type-imports': [
      'error',
      { fixStyle: 'separate-type-imports', disallowTypeAnnotations: true },
    ],
    // Types
    'typescript/no-explicit-any': ['error', { ignoreRestArgs: false }],
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-deprecated': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/restrict-plus-operands': 'error',
    'typescript/return-await': ['error', 'in-try-catch'],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/use-unknown-in-catch-callback-variable': 'error',
    'typescript/prefer-nullish-coalescing': 'error',
    'typescript/prefer-readonly': 'error',
    'typescript/explicit-module-boundary-types': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/strict-boolean-expressions': [
      'error',
      { allowString: false, allowNumber: false, allowNullableObject: true },
    ],
    // Style that carries meaning
    eqeqeq: 'error',
    'no-console': 'error',
    'no-else-return': 'error',
    'no-param-reassign': 'error',
    'no-var': 'error',
    'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'anywhere' }],
    'no-eval': 'error',
    'no-new-func': 'error',
    'no-sequences': 'error',
    'no-proto': 'error',
    'prefer-const': 'error',
    'prefer-template': 'error',
    'object-shorthand': 'error',
    'unicorn/no-process-exit': 'error',
    'unicorn/no-abusive-eslint-disable': 'error',
    'unicorn/catch-error-name': 'error',
    'unicorn/throw-new-error': 'error',
    'unicorn/no-array-for-each': 'error',
    // Requests to one server follow each other on purpose, and underscores mark what is not used.
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
    // Control characters are this program's daily bread.
    'no-control-regex': 'off',
    'oxc/no-map-spread': 'off',
    'unicorn/no-useless-spread': 'off',
    'unicorn/prefer-array-flat-map': 'off',
    // Our objects are closures; none of them uses `this`.
    'typescript/unbound-method': 'off',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    'vitest/valid-title': ['error', { ignoreTypeOfTestName: true }],
    'vitest/no-conditional-expect': 'off',
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect*', 'assert*', 'play*'] }],
  },
  overrides: [
    { files: ['src/**/*.ts'], rules: NO_WORLD },
    { files: ['src/lib/runtime.ts'], rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' } },
    ...AREAS.map(boundary),
    {
      files: ['test/**/*.ts', 'scripts/**/*.{ts,mjs}'],
      rules: {
        'max-lines-per-function': 'off',
        'no-console': 'off',
        'no-sequences': 'off',
        'unicorn/consistent-function-scoping': 'off',
        'vitest/no-conditional-tests': 'off',
        'vitest/no-standalone-expect': 'off',
        'typescript/require-array-sort-compare': 'off',
        'typescript/explicit-module-boundary-types': 'off',
        // What a program printed is read with JSON.parse, and the assertions are about its form.
        'typescript/no-unsafe-argument': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-call': 'off',
        'typescript/no-unsafe-member-access': 'off',
        'typescript/no-unsafe-return': 'off',
        'typescript/no-unsafe-type-assertion': 'off',
        'typescript/no-meaningless-void-operator': 'off',
        'typescript/restrict-template-expressions': 'off',
      },
    },
    {
      // Plain JavaScript has no types to be strict about.
      files: ['**/*.js', '**/*.mjs'],
      rules: {
        'typescript/no-unsafe-argument': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-call': 'off',
        'typescript/no-unsafe-member-access': 'off',
        'typescript/no-unsafe-return': 'off',
        'typescript/strict-boolean-expressions': 'off',
        'typescript/no-floating-promises': 'off',
      },
    },
    // Not tests themselves, but what defines and supports them.
    { files: ['test/support/**/*.ts'], rules: { 'vitest/expect-expect': 'off', complexity: ['error', { max: 20 }] } },
    { files: ['*.config.ts', 'test/vectors/*.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
