import type { Secret } from '../lib/secrets.ts';
import { notRepresentable, spelledText, textOf } from './refuse.ts';
import type { Renderer } from './types.ts';

const CONSUMER = 'Terraform';

const SHORT: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '"': String.raw`\"`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '${': '$${',
  '%{': '%%{',
};

/** `NAME = "…"` lines of a .tfvars file (HCL native syntax, template literals). */
export const tfvars: Renderer = {
  render: (secrets) => Buffer.concat(secrets.flatMap(line)),
  spelled,
};

function line(secret: Secret): Buffer[] {
  const text = textOf(secret, CONSUMER);
  if (text !== text.normalize('NFC')) {
    const instead = ['use --format json and file("FILE") with jsondecode'];
    throw notRepresentable(secret, CONSUMER, { what: 'holds letters that it would compose (Unicode NFC)', instead });
  }
  return [Buffer.from(`${secret.name} = "`), spelled(secret), Buffer.from('"\n')];
}

function spelled(secret: Secret): Buffer {
  return spelledText(secret, CONSUMER, escaped);
}

function escaped(text: string): string {
  return text.replace(/\$\{|%\{|["\\\p{C}\p{Zl}\p{Zp}]/gu, (found) => SHORT[found] ?? escapedCharacter(found));
}

function escapedCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16).toUpperCase();
  return code > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
}
