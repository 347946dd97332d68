import { readJson } from '../lib/json-tree.ts';
import type { Faults } from './faults.ts';
import type { FileNode } from './nodes.ts';
import { refuseTooMuch } from './too-big.ts';

/**
 * The tree of a configuration file; `readYaml` says what it is and throws. JSON is read without the YAML reader, which
 * costs more than all the rest of loading a configuration.
 */
export async function readTree(text: string, faults: Faults, file: string): Promise<FileNode | undefined> {
  refuseTooMuch(text, file);
  const json = readJson(text);
  if (json !== undefined) return json;
  const { readYaml } = await import('./yaml-file.ts');
  return readYaml(text, faults, file);
}
