import type { ServerReply } from '../types.ts';
import type { AwsOptions } from './options.ts';

/** An answer of STS. */
export function xml(status: number, body: string): ServerReply {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

/** A failure of STS; the message is put in as it is, escaped. */
export function stsFailure(status: number, code: string, message: string): ServerReply {
  const error = `<Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message>`;
  return xml(
    status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>${error}</Error>\n  <RequestId>${REQUEST}</RequestId>\n</ErrorResponse>\n`,
  );
}

/** The id of every request. */
export const REQUEST = '00000000-0000-4000-8000-000000000000';

/** Text between tags. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A failure of a service with the JSON protocol, always 400. */
export interface JsonFailure {
  readonly code: string;
  readonly message: string;
}

/** An answer in the JSON protocol. */
export function json(body: object): ServerReply {
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(body) };
}

/** Secrets Manager writes `Message`, Systems Manager `message`: readers take both. */
export function jsonFailure(
  { code, message }: JsonFailure,
  options: Pick<AwsOptions, 'long-codes'>,
  messageName = 'Message',
): ServerReply {
  const isLong = options['long-codes'] === 'on';
  const type = isLong ? `com.amazonaws.secretsmanager#${code}` : code;
  const headers = { ...JSON_HEADERS, 'x-amzn-errortype': isLong ? `${code}:http://internal.amazon.com/coral/` : code };
  return { status: 400, headers, body: JSON.stringify({ __type: type, [messageName]: message }) };
}

const JSON_HEADERS = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': REQUEST };
