import { expect, test } from 'vitest';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { createRedactor } from '../../../src/output/message-redactor.ts';
import { canary } from '../../support/canaries.ts';

test('what was hidden before a message does not show in it, also what came after an earlier message', async () => {
  const redactor = createRedactor();
  const [first, second] = [canary(20), canary(30)];
  expect((await redactor.open())(`a ${first} b`)).toBe(`a ${first} b`);
  redactor.hide('FIRST', new Sensitive(first));
  const redact = await redactor.open();
  expect(redact(`a ${first} b ${second} c`)).toBe(`a [REDACTED] b ${second} c`);
  redactor.hide('SECOND', new Sensitive(second));
  expect(redact(`a ${first} b ${second} c`)).toBe('a [REDACTED] b [REDACTED] c');
  expect((await redactor.open())(second)).toBe('[REDACTED]');
});

test('what the user wrote shows, also when that is known only later', async () => {
  const redactor = createRedactor();
  redactor.hide('URL', new Sensitive('prod/db/password'));
  const redact = await redactor.open();
  expect(redact('"prod/db/password": no')).toBe('"[REDACTED]": no');
  redactor.show('prod/db/password');
  expect(redact('"prod/db/password": no')).toBe('"prod/db/password": no');
});
