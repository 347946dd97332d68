import { describe, expect, test } from 'vitest';
import { isTracingShell } from '../../../src/output/shell-trace.ts';

describe('command lines of shells that trace', () => {
  test.each([
    'sh -x',
    'sh -xe script.sh',
    '/bin/sh -xe /tmp/script.sh.copy',
    'bash -ex -c true',
    'bash -c -x true',
    'bash --noprofile --norc -xeo pipefail script',
    'bash -eo pipefail -x script',
    'bash -o xtrace script',
    'bash -eo xtrace script',
    'bash --rcfile file -x',
    'zsh -oxtrace',
    'zsh -o X_TRACE',
    'zsh --xtrace',
    '-bash -x',
    'busybox sh -x',
    '/bin/busybox ash -ex script',
    'dash +e -x s',
    'ksh93 -x',
  ])('%s', (line) => expect(isTracingShell(line.split(' '))).toBe(true));
});

describe('command lines that do not', () => {
  test.each([
    'sh',
    'sh -e script.sh',
    'sh -e script.sh -x',
    'sh -c exit',
    'sh -- -x',
    'sh x',
    'bash --noprofile --norc -eo pipefail /x.sh',
    'bash -o extglob s',
    'bash --rcfile -x',
    'bash -x +x s',
    'node -x',
    'make -x',
    'busybox sh -e',
    'busybox xargs -x',
    '',
  ])('%s', (line) => expect(isTracingShell(line.split(' '))).toBe(false));
});
