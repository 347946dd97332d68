import type { HttpRequest } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { FortipamValues } from './settings.ts';

/** What distinguishes one request from another; token, size limit and time budget are the sender's to add. */
export type Target = Pick<HttpRequest, 'method' | 'path' | 'label' | 'body' | 'headers' | 'retry'>;

/** The digits of a secret's id; in a plan, before it is known, what stands for it. */
export type SecretId = string;

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The exchange of the ID token (pam-cloud.md 1.2). */
export function loginTarget(values: FortipamValues, jwt: Sensitive): Target {
  const path = values['login-path'];
  const fields: Record<string, string> = { [values['login-token-field']]: jwt.reveal().toString('latin1') };
  if (values.user !== undefined) fields[values['login-user-field']] = values.user;
  const isForm = values['login-format'] === 'form';
  const body = isForm ? new URLSearchParams(fields).toString() : JSON.stringify(fields);
  const headers = { 'content-type': isForm ? FORM_TYPE : JSON_TYPE, accept: JSON_TYPE };
  return { method: 'POST', path, label: path, headers, body: new Sensitive(body), retry: 'all' };
}

/** Path -> id. The path is the folders' names and the secret's, separated by slashes. */
export function lookUpTarget(values: FortipamValues, path: string): Target {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const base = `${values['api-path']}/utility/id`;
  return read(`${base}/${encoded}?type=secret`, `${base}/{path}?type=secret`);
}

/** A secret's record; with `fieldname`, as much of it as the server narrows it to. */
export function readTarget(values: FortipamValues, id: SecretId, fieldname?: string): Target {
  const query = new URLSearchParams();
  if (fieldname !== undefined) query.set('fieldname', fieldname);
  if (values['secret-encoding'] === 'base64') query.set('secret_encoding', 'base64');
  if (values.vdom !== undefined) query.set('vdom', values.vdom);
  const base = `${values['api-path']}/cmdb/secret/database`;
  // "+" for a space is a matter of forms; in a query not every server reads it so.
  const suffix = query.size === 0 ? '' : `?${query.toString().replaceAll('+', '%20')}`;
  return read(`${base}/${id}${suffix}`, `${base}/{id}`);
}

/**
 * Checks a secret out. Never sent twice: a second one is refused while the first is open, and would make a
 * check-out that worked look like one that did not.
 */
export function checkOutTarget(values: FortipamValues, id: SecretId): Target {
  return { ...checkTarget(values, 'secret-checkout', id), retry: 'none' };
}

/** Checks it in again. */
export function checkInTarget(values: FortipamValues, id: SecretId): Target {
  return { ...checkTarget(values, 'secret-checkin', id), retry: 'all' };
}

function checkTarget(values: FortipamValues, action: string, id: SecretId): Omit<Target, 'retry'> {
  const path = `${values['api-path']}/internal/${action}`;
  const headers = { 'content-type': JSON_TYPE, accept: JSON_TYPE };
  return { method: 'POST', path, label: path, headers, body: new Sensitive(`{"secret-id": ${id}}`) };
}

function read(path: string, label: string): Target {
  return { method: 'GET', path, label, headers: { accept: JSON_TYPE }, retry: 'all' };
}
