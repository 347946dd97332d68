import { createPrivateKey, type KeyObject } from 'node:crypto';
import { jsonAnswer, refuseHtml, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { textMember } from '../../lib/json.ts';
import { type Api, isMiss, type Miss } from './api.ts';
import { assembled, certificatesIn, type Material } from './certificates.ts';
import type { Found } from './find.ts';
import { contentsTarget, detailsTarget, keystoreTarget, wrapKeyTarget } from './requests.ts';

/** Public keys that passphrases are sealed with, by `dekHash`: each is asked for once. */
export type WrapKeys = Map<string, Promise<Buffer | Miss>>;

/** A certificate with its issuers, without its key. */
export async function fetchCertificates(api: Api, { id, fingerprint }: Found): Promise<Material | Miss> {
  const answer = await api.ask(contentsTarget(id));
  if (isMiss(answer)) return answer;
  refuseHtml(answer);
  const certificates = certificatesIn(answer.body.toString('latin1'), answer.request);
  return assembled({ certificates, fingerprint, request: answer.request }, api.context.invocation.journal);
}

/**
 * The same with the private key, by an export that is encrypted for this run alone (pam-cloud.md, 3.4). Throws 76
 * where key and certificate do not belong together.
 */
export async function fetchWithKey(api: Api, found: Found, wrapKeys: WrapKeys): Promise<Material | Miss> {
  const details = await api.ask(detailsTarget(found.id));
  if (isMiss(details)) return details;
  const dekHash = textMember(jsonAnswer(details), 'dekHash') ?? '';
  if (dekHash === '') return { refusal: 'missing', reason: NO_KEY };
  const wrapKey = await askedOnce(api, dekHash, wrapKeys);
  if (isMiss(wrapKey)) return wrapKey;
  const passphrase = api.context.invocation.runtime.random(30).toString('base64url');
  const { sealed } = await import('./sealed-box.ts');
  const box = sealed(Buffer.from(passphrase, 'latin1'), wrapKey);
  if (box === undefined) throw new SecretctlError('UNEXPECTED_ANSWER', 'the server gave no usable encryption key');
  const answer = await api.ask(keystoreTarget(found.id, box));
  return isMiss(answer) ? answer : exported(api, found, answer, passphrase);
}

const NO_KEY = 'its private key is not kept by the product; #fullchain and #certificate need none';

const KEY_ENDING = '.key';
const CERTIFICATES_ENDING = '_root-first.pem';

async function exported(api: Api, found: Found, answer: HttpAnswer, passphrase: string): Promise<Material> {
  refuseHtml(answer);
  const { request, body } = answer;
  const files = await unpacked(body, api.context.maxAnswerBytes, request);
  const [keyFile, certificatesFile] = [KEY_ENDING, CERTIFICATES_ENDING].map((ending) => files.get(ending));
  if (keyFile === undefined || certificatesFile === undefined) {
    throw unexpected({ request }, `lacks a file ${keyFile === undefined ? KEY_ENDING : CERTIFICATES_ENDING}`);
  }
  const certificates = certificatesIn(certificatesFile.toString('latin1'), request);
  const key = opened(keyFile, passphrase, request);
  return assembled({ certificates, key, fingerprint: found.fingerprint, request }, api.context.invocation.journal);
}

async function unpacked(body: Buffer, mostBytes: number, request: string): Promise<ReadonlyMap<string, Buffer>> {
  const { ArchiveTooBig, filesIn } = await import('./archive.ts');
  try {
    const files = filesIn(body, [KEY_ENDING, CERTIFICATES_ENDING], mostBytes);
    if (files !== undefined) return files;
  } catch (error) {
    if (!(error instanceof ArchiveTooBig)) throw error;
    throw new SecretctlError('RESPONSE_TOO_BIG', `the archive in the answer to ${request} unpacks to too much`);
  }
  throw unexpected({ request }, 'is no ZIP archive with one key and its certificates');
}

function opened(pem: Buffer, passphrase: string, request: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, passphrase });
  } catch {
    throw unexpected({ request }, 'holds no private key that its passphrase opens');
  }
}

async function askedOnce(api: Api, dekHash: string, wrapKeys: WrapKeys): Promise<Buffer | Miss> {
  const asked = wrapKeys.get(dekHash) ?? askWrapKey(api, dekHash);
  wrapKeys.set(dekHash, asked);
  return asked;
}

async function askWrapKey(api: Api, dekHash: string): Promise<Buffer | Miss> {
  const answer = await api.ask(wrapKeyTarget(dekHash));
  if (isMiss(answer)) return answer;
  const key = Buffer.from(textMember(jsonAnswer(answer), 'key') ?? '', 'base64');
  if (key.length !== WRAP_KEY_BYTES) throw unexpected(answer, `holds no "key" of ${WRAP_KEY_BYTES} bytes`);
  return key;
}

/** X25519. */
const WRAP_KEY_BYTES = 32;
