import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';

/** The packages of which something is in the bundle, by folder below `node_modules/`, in order. */
export function bundledPackages(metafile: Metafile): readonly string[] {
  const folders = Object.keys(metafile.inputs).flatMap((input) => {
    const found = /^(?<folder>.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.groups?.['folder'];
    return found === undefined ? [] : [found.replace(/^node_modules\//, '')];
  });
  return [...new Set(folders)].toSorted();
}

/** The licences of all bundled packages, as these demand it. Throws for a package without one. */
export function notices(root: string, metafile: Metafile): string {
  const parts = bundledPackages(metafile).map((name) => {
    const folder = path.join(root, 'node_modules', name);
    const { version, license } = readManifest(folder);
    return `${name} ${version} (${license})\n\n${licenceText(folder, name)}\n`;
  });
  return `secretctl contains parts of the following packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function readManifest(folder: string): { version: string; license: string } {
  const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest) || !('license' in manifest)) {
    throw new Error(`${folder} has no version or licence`);
  }
  return { version: String(manifest.version), license: String(manifest.license) };
}

function licenceText(folder: string, name: string): string {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.|$)/i.test(entry));
  if (file === undefined) throw new Error(`${name} ships no licence text`);
  return readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
}
