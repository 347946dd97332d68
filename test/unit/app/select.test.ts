import { expect, test } from 'vitest';
import { selectField } from '../../../src/app/select.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';

function selected(json: string, ...field: readonly string[]): string {
  const found = selectField(new Sensitive(json), field);
  return found instanceof Sensitive ? found.reveal().toString() : `missing: ${found.missing}`;
}

test.each<[string, readonly string[], string]>([
  ['{"a":"x"}', ['a'], 'x'],
  ['{"a":{"b.c":[1.0,"y"]}}', ['a', 'b.c', '0'], '1.0'],
  ['{"b":"x"}', ['a'], 'missing: no such field'],
  ['{"a":{}}', ['a', 'b'], 'missing: no such field at level 2'],
  ['{"a":"x","a":"y"}', ['a'], 'missing: the field stands twice'],
  ['{"a":"x","\\u0061":"y"}', ['a'], 'missing: the field stands twice'],
  ['{"o":{"a":"x","a":"x"}}', ['o', 'a'], 'missing: the field stands twice at level 2'],
  ['{"a":"x","b":1,"b":2}', ['a'], 'x'],
  ['{"__proto__":"p"}', ['__proto__'], 'p'],
  ['{"a":"x"}', ['toString'], 'missing: no such field'],
])('%s, %j', (json, field, outcome) => {
  expect(selected(json, ...field)).toBe(outcome);
});
