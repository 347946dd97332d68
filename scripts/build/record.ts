import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';

// Loaded before the program with --import: leaves what V8 has made of each of the program's parts, the functions that
// this run called among it, in the directory that CODE_CACHE names. Of several runs the one that called more counts.

const scripts = new Map<string, vm.Script>();
const directory = process.env['CODE_CACHE'] ?? '.';

class RecordedScript extends vm.Script {
  constructor(code: string, options: vm.ScriptOptions) {
    super(code, options);
    if (options.filename?.startsWith('./') === true) scripts.set(options.filename, this);
  }
}

Object.assign(vm, { Script: RecordedScript });
// V8 takes such code only under the options that it was made under: those with which the program starts.
Object.assign(v8, { setFlagsFromString: () => undefined });

process.on('exit', () => {
  for (const [name, script] of scripts) {
    const file = path.join(directory, encodeURIComponent(name));
    const data = script.createCachedData();
    if (data.length > (statSync(file, { throwIfNoEntry: false })?.size ?? 0)) writeFileSync(file, data);
  }
});
