import { build, type Metafile, transform } from 'esbuild';
import { leanPackages } from './lean-packages.ts';

/** What a build made. */
export interface Bundle {
  readonly code: string;
  /** What went in, by path relative to `root`. */
  readonly metafile: Metafile;
}

/** One output file of esbuild, as the body of a CommonJS module. */
interface Part {
  readonly name: string;
  readonly code: string;
  /** Names of the parts that it loads at once. */
  readonly needs: readonly string[];
}

/** Below `outdir` of a build that writes nothing; only names matter. */
const OUT = 'parts';

/**
 * Bundles the program below `root` into one CommonJS file that exports `start`. The same sources give the same bytes
 * wherever and whenever they are built.
 *
 * What is imported dynamically stands in that file as a comment inside a function and is compiled when it is first
 * needed: V8 skips a comment twenty times faster than it reads code, and most runs need little of the code. The
 * single executable has what V8 made of a part beside it, as an asset with the part's name.
 */
export async function bundle(root: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { start: 'src/start.ts' },
    outdir: OUT,
    chunkNames: '[name]-[hash]',
    bundle: true,
    // A linked node_modules makes the same names, and so the same bytes.
    preserveSymlinks: true,
    splitting: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // A CommonJS package would lose its named exports when it is imported dynamically.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    define: {
      // undici's own switch: of its two parsers the one that Node itself uses.
      esbuildDetection: 'true',
      'process.env.JEST_WORKER_ID': 'undefined',
    },
    plugins: [leanPackages],
    logLevel: 'silent',
  });
  refuseLostExports(metafile);
  const parts = await Promise.all(
    outputFiles.map(async ({ path, text }): Promise<Part> => {
      const name = path.slice(path.lastIndexOf(`/${OUT}/`) + OUT.length + 2);
      const { imports } = metafile.outputs[`${OUT}/${name}`] ?? { imports: [] };
      const needs = imports.filter(({ kind, external }) => kind !== 'dynamic-import' && external !== true);
      return {
        name: `./${name}`,
        code: await toCommonJs(text),
        needs: needs.map((other) => `.${other.path.slice(OUT.length)}`),
      };
    }),
  );
  return { code: assemble(parts), metafile };
}

function refuseLostExports(metafile: Metafile): void {
  for (const { entryPoint = '', exports } of Object.values(metafile.outputs)) {
    const isPackage = entryPoint.includes('node_modules/');
    if (isPackage && exports.join() === 'default') throw new Error(`${entryPoint} cannot be imported dynamically`);
  }
}

async function toCommonJs(text: string): Promise<string> {
  const { code } = await transform(text, {
    format: 'cjs',
    // Otherwise Node's own module loader would look for the parts as files.
    supported: { 'dynamic-import': false },
    platform: 'node',
    target: 'node22',
    minify: true,
    legalComments: 'none',
  });
  return code.trim();
}

const ENTRY = './start.js';

function assemble(parts: readonly Part[]): string {
  const first = neededAtOnce(ENTRY, parts);
  const now = parts.filter(({ name }) => first.has(name));
  const later = parts.filter(({ name }) => !first.has(name));
  return `"use strict";
const later={${later.map(({ name, code }) => `${JSON.stringify(name)}(){${inComment(code)}}`).join(',\n')}};
const now={${now.map(({ name, code }) => `${JSON.stringify(name)}(exports,require,module){${code}\n}`).join(',\n')}};
const loaded=new Map;
const sea=require("node:sea");
const prepared=new Set(sea.isSea()?sea.getAssetKeys():[]);
const compile=name=>{
const text=String(later[name]);
const code=text.slice(text.indexOf("/*")+2,-3).replaceAll("${COMMENT_END}","*/");
const cachedData=prepared.has(name)?Buffer.from(sea.getRawAsset(name)):undefined;
return new(require("node:vm").Script)("(function(exports,require,module){"+code+"\\n})",{filename:name,cachedData}).runInThisContext();
};
const load=name=>{
if(!name.startsWith("./"))return require(name);
let part=loaded.get(name);
if(part===undefined){
loaded.set(name,part={exports:{}});
(now[name]??compile(name))(part.exports,load,part);
}
return part.exports;
};
exports.start=load("${ENTRY}").start;
if(require.main===module||sea.isSea())exports.start().then(code=>{process.exitCode=code});
`;
}

function neededAtOnce(name: string, parts: readonly Part[], found = new Set<string>()): ReadonlySet<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const other of parts.find((part) => part.name === name)?.needs ?? []) neededAtOnce(other, parts, found);
  return found;
}

/** Stands for the two characters that end a comment. */
const COMMENT_END = '*\u0001/';

function inComment(code: string): string {
  if (code.includes(COMMENT_END)) throw new Error("the code holds the mark of a comment's end");
  return `/*${code.replaceAll('*/', COMMENT_END)}*/`;
}
