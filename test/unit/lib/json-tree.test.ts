import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { gatherFaults } from '../../../src/config/faults.ts';
import { readYaml } from '../../../src/config/yaml-file.ts';
import { readJson } from '../../../src/lib/json-tree.ts';

const read = (text: string): unknown => readYaml(text, gatherFaults('x'), 'x');

test('JSON gives the same tree, places included, as the YAML reader makes of it', () => {
  const key = fc.stringMatching(/^[a-zA-Z_][a-z "#:-]{0,8}$/);
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(key, tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 4 }), fc.constantFrom(undefined, 1, 2), (content, indent) => {
      const text = JSON.stringify(content, undefined, indent);
      expect(readJson(text)).toEqual(read(text));
    }),
    { numRuns: 500 },
  );
});

test.each(['a: b', '{a: b}', '{"a": 1,}', '{"a": 1, "a": 2}', '[1]', '"a"', '', '{"a": 1} # comment', "{'a': 1}"])(
  '%j is left to the YAML reader',
  (text) => {
    expect(readJson(text)).toBeUndefined();
  },
);
