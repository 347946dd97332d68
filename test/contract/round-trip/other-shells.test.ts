import { readFileSync, renameSync } from 'node:fs';
import { cmd } from '../../../src/formats/cmd.ts';
import { fish } from '../../../src/formats/fish.ts';
import { nu } from '../../../src/formats/nu.ts';
import { powershell } from '../../../src/formats/powershell.ts';
import { environmentIn, installed, onPath, output, type Reader } from '../../support/round-trip.ts';
import { describeRoundTrip } from '../../support/round-trip-suite.ts';

const PATH = process.env['PATH'];

function fishReader(locale: string): Reader {
  const program = onPath('fish');
  return {
    name: `fish, ${locale}`,
    isHere: program !== undefined,
    read: (file) => {
      const script = 'source $FILE; exec /usr/bin/env -0';
      return environmentIn(output(program ?? '', ['--no-config', '-c', script], { FILE: file, LC_ALL: locale, PATH }));
    },
  };
}

const nushell = installed('npm/node_modules/@nushell/linux-x64/bin/nu');
const NUSHELL: Reader = {
  name: 'nushell',
  isHere: nushell !== undefined,
  read: (file) => {
    const script = `source '${file}'; exec /usr/bin/env '-0'`;
    return environmentIn(output(nushell ?? '', ['--no-config-file', '-c', script], { PATH, HOME: '/nonexistent' }));
  },
};

const pwsh = onPath('pwsh');
const POWERSHELL: Reader = {
  name: 'PowerShell',
  isHere: pwsh !== undefined,
  isRare: true,
  read: (file) => {
    const script = `${file}.ps1`;
    renameSync(file, script);
    return environmentIn(output(pwsh ?? '', ['-NoProfile', '-Command', `. '${script}'; & /usr/bin/env -0`]));
  },
};

/** How PowerShell reads a string in single quotes: any of five quotes ends it, two of them in a row are the first. */
const POWERSHELL_RULES: Reader = {
  name: "PowerShell's rules for single quotes",
  isHere: true,
  read: (file) => {
    const text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
    const line = /\$env:(\w+) = '((?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*)'\n/gy;
    return new Map(
      [...text.matchAll(line)].map(([, name = '', quoted = '']) => [
        name,
        Buffer.from(quoted.replace(/(['\u2018-\u201b])['\u2018-\u201b]/g, '$1')),
      ]),
    );
  },
};

const cmdProgram = onPath('cmd.exe');
const CMD: Reader = {
  name: 'cmd.exe',
  isHere: cmdProgram !== undefined,
  isRare: true,
  read: (file) => {
    const script = `${file}.cmd`;
    renameSync(file, script);
    const print = `"${process.execPath}" -e "for (const [k, v] of Object.entries(process.env)) process.stdout.write(k + '=' + v + '\\0')"`;
    return environmentIn(output(cmdProgram ?? '', ['/d', '/c', `call "${script}" && ${print}`]));
  },
};

/** The part of cmd.exe's rules that is left for plain characters: what stands between the quotes, after the first `=`. */
const CMD_RULES: Reader = {
  name: "cmd.exe's rules for plain characters",
  isHere: true,
  read: (file) =>
    new Map(
      [...readFileSync(file, 'latin1').matchAll(/@set "(\w+)=([^%!^&|<>()"`\r\n]+)"\r\n/gy)].map(
        ([, name = '', text = '']) => [name, Buffer.from(text, 'latin1')],
      ),
    ),
};

describeRoundTrip('fish', fish, { readers: [fishReader('C'), fishReader('C.UTF-8')], refused: 0, carriesBytes: true });
describeRoundTrip('nu', nu, { readers: [NUSHELL], refused: 0 });
describeRoundTrip('powershell', powershell, { readers: [POWERSHELL, POWERSHELL_RULES], refused: 0 });
describeRoundTrip('cmd', cmd, { readers: [CMD, CMD_RULES], refused: 0.985, drawn: 30 });
