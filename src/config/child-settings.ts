import type { Parser } from '../lib/settings.ts';
import { CHILD_ROWS } from './child-rows.ts';
import { type Layers, said } from './layers.ts';
import type { FileNode } from './nodes.ts';
import { placed } from './settings.ts';
import type { ChildSettings } from './types.ts';

/** Reads the settings of the child. */
export function childSettings(file: FileNode | undefined, layers: Layers): ChildSettings {
  const read = <T>(name: keyof typeof CHILD_ROWS, parser: Parser<T>): T | undefined =>
    said(parser, placed(name), { block: file, isMeant: true }, layers)?.value;
  const isOn = (name: 'mask-names' | 'mask-pairs' | 'pristine' | 'resolve-env' | 'exec'): boolean =>
    read(name, CHILD_ROWS[name].parser) ?? CHILD_ROWS[name].default;
  return {
    mask: read('mask', CHILD_ROWS.mask.parser) ?? CHILD_ROWS.mask.default,
    maskNames: isOn('mask-names'),
    maskPairs: isOn('mask-pairs'),
    keepEnv: read('keep-env', CHILD_ROWS['keep-env'].parser) ?? CHILD_ROWS['keep-env'].default,
    preserve: read('preserve', CHILD_ROWS.preserve.parser) ?? CHILD_ROWS.preserve.default,
    pristine: isOn('pristine'),
    resolveEnv: isOn('resolve-env'),
    killAfterMs: read('kill-after', CHILD_ROWS['kill-after'].parser),
    lingerMs: read('linger', CHILD_ROWS.linger.parser) ?? CHILD_ROWS.linger.default,
    exec: isOn('exec'),
  };
}
