import { describe, expect, test } from 'vitest';
import { parseTemplate } from '../../../src/formats/template.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';
import type { Secret } from '../../../src/lib/secrets.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';

const VALUES: Readonly<Record<string, string | Buffer>> = {
  A: 'plain',
  B: `it's "$HOME" & \`ö\`\\\n{{A}}`,
  BYTES: Buffer.from([0, 255, 128]),
  NUL: 'a\0b',
  EMPTY: '',
};

function secrets(values: Readonly<Record<string, string | Buffer>> = VALUES): readonly Secret[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: new Sensitive(value), reference: name }));
}

function filled(text: string): string {
  return parseTemplate(text, 'a.tmpl', { all: Object.keys(VALUES), mayTurnUp: () => false })
    .render(secrets())
    .toString();
}

function failure(act: () => unknown): SecretctlError {
  try {
    act();
  } catch (error) {
    if (error instanceof SecretctlError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const B = String(VALUES['B']);

describe('places are filled, the rest stays', () => {
  test.each([
    ['', ''],
    ['no place, } } { {\r\n\t', 'no place, } } { {\r\n\t'],
    ['\uFEFF{{A}}', '\uFEFFplain'],
    ['{{A}}{{A}}', 'plainplain'],
    ['{{ A }}|{{\tA\n}}', 'plain|plain'],
    ['<{{EMPTY}}>', '<>'],
    ['{{B}}', B],
    ['{"a":{{A|json}}}', '{"a":"plain"}'],
    ['{{{{A}}', '{{A}}'],
    ['{{{{{{{{', '{{{{'],
    ['{{{{{{A}}', '{{plain'],
    ['{{{{ .Values.x }} {{A}}', '{{ .Values.x }} plain'],
    ['}}{{A}}}}', '}}plain}}'],
    ['{ {{A}} }', '{ plain }'],
    ['{{A|base64}}', 'cGxhaW4='],
    ['{{BYTES | base64}}', 'AP+A'],
    ['{{NUL}}', 'a\0b'],
    ['{{B|json}}', JSON.stringify(B)],
    ['{{B|url}}', 'it%27s%20%22%24HOME%22%20%26%20%60%C3%B6%60%5C%0A%7B%7BA%7D%7D'],
    ['{{B | sh}}', `'it'\\''s "$HOME" & \`ö\`\\\n{{A}}'`],
    ['{{A|base64|json}}', '"cGxhaW4="'],
    ['{{BYTES|base64|url}}', 'AP%2BA'],
    ['{{A | json|\tbase64 }}', Buffer.from('"plain"').toString('base64')],
  ])('%j', (text, expected) => {
    expect(filled(text)).toBe(expected);
  });

  test('the names that are used are known', () => {
    const { names } = parseTemplate('{{A}}{{{{B}}{{EMPTY|sh}}{{A}}', 'x', {
      all: ['A', 'EMPTY'],
      mayTurnUp: () => false,
    });
    expect([...names]).toEqual(['A', 'EMPTY']);
  });
});

describe('every fault is said, with line and column', () => {
  test.each([
    ['{{C}}', 'a.tmpl:1:1: no secret is called "C"'],
    ['x\n  {{EMTPY}}', 'a.tmpl:2:3: no secret is called "EMTPY"; did you mean EMPTY?'],
    ['{{A|shell}}', 'a.tmpl:1:1: there is no filter "shell"'],
    ['{{A|jsno}}', 'a.tmpl:1:1: there is no filter "jsno"; did you mean json?'],
    ['{{A|constructor}}', 'a.tmpl:1:1: there is no filter "constructor"'],
    ['{{A', 'a.tmpl:1:1: "{{" is never closed'],
    ['{{}}', 'a.tmpl:1:1: what stands here'],
    ['{{A|}}', 'a.tmpl:1:1: what stands here'],
    ['{{A B}}', 'a.tmpl:1:1: what stands here'],
    ['{{#if A}}', 'a.tmpl:1:1: what stands here'],
    ['{{A.x()}}', 'a.tmpl:1:1: what stands here'],
    ['{{{A}}}', 'a.tmpl:1:1: what stands here'],
    ['{{A|json("x")}}', 'a.tmpl:1:1: what stands here'],
  ])('%j', (text, expected) => {
    const error = failure(() => filled(text));
    expect(error).toMatchObject({ reason: 'TEMPLATE_INVALID', exit: 65 });
    expect(error.message).toContain(expected);
  });

  test('all at once', () => {
    const error = failure(() => filled('{{A}}\n{{X}} {{A|x}}\n{{-}}'));
    expect(error.facts.details?.map((line) => line.split(': ')[0])).toEqual(['a.tmpl:2:1', 'a.tmpl:2:7', 'a.tmpl:3:1']);
  });

  test('a file of nothing but faults ends soon', () => {
    expect(failure(() => filled('{{-'.repeat(300_000))).facts.details?.length).toBe(51);
    expect(failure(() => filled(`{{A${' |'.repeat(300_000)}`)).reason).toBe('TEMPLATE_INVALID');
    expect(failure(() => filled(`{{A${' '.repeat(500_000)}`)).reason).toBe('TEMPLATE_INVALID');
  });
});

describe('what cannot stand there', () => {
  test.each(['{{BYTES}}', '{{BYTES|json}}', '{{BYTES|url}}', '{{BYTES|sh}}', '{{BYTES|json|base64}}', '{{NUL|sh}}'])(
    '%s is refused by name',
    (text) => {
      const error = failure(() => filled(text));
      expect(error.reason).toBe('NOT_REPRESENTABLE');
      expect(error.message).toMatch(/^(?:BYTES|NUL) /);
    },
  );

  test('a secret without a value is named with its places', () => {
    const template = parseTemplate('\n{{A}} {{B}}', 'a.tmpl', { all: ['A'], mayTurnUp: (name) => name === 'B' });
    const error = failure(() => template.render(secrets({ A: 'a' })));
    expect(error).toMatchObject({ reason: 'SECRET_NOT_FOUND', facts: { details: ['a.tmpl:2:7: B has no value'] } });
  });

  test('a result that would fill the memory is refused', () => {
    const template = parseTemplate('{{A}}'.repeat(1000), 'x', { all: ['A'], mayTurnUp: () => false });
    const error = failure(() => template.render(secrets({ A: Buffer.alloc(100_000, 'a') })));
    expect(error.reason).toBe('NOT_REPRESENTABLE');
  });
});
