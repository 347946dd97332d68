import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';

/** Where the schema stands in the one file of `gitlab-ci-local`, as an object literal. */
const START = '{$schema:"http://json-schema.org/draft-07/schema#",$id:"https://gitlab.com/.gitlab-ci.yml"';

/** GitLab's published JSON Schema of `.gitlab-ci.yml`, in the version that `gitlab-ci-local` carries. */
export function gitlabSchema(): Record<string, unknown> {
  const text = readFileSync(createRequire(import.meta.url).resolve('gitlab-ci-local'), 'utf8');
  const start = text.indexOf(START);
  if (start < 0) throw new Error('gitlab-ci-local carries no schema where it was');
  return runInNewContext(`(${text.slice(start, endOfObject(text, start))})`) as Record<string, unknown>;
}

/** One past the brace that closes the object which begins at `start`. */
function endOfObject(text: string, start: number): number {
  // Strings, whose braces do not count, or one brace.
  const tokens = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[{}]/gs;
  tokens.lastIndex = start;
  let depth = 0;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '{') depth += 1;
    if (token[0] === '}') depth -= 1;
    if (depth === 0) return tokens.lastIndex;
  }
  throw new Error('the schema has no end');
}
