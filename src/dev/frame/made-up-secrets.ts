/**
 * What the server holds when nobody says what: several lines, quotes and `$`, JSON, and bytes that are no text.
 * Each is plainly made up.
 */
export function madeUpSecrets(): ReadonlyMap<string, readonly Buffer[]> {
  return new Map<string, readonly Buffer[]>([
    ['app/db-password', [Buffer.from('"quoted" and costs $5 # no comment')]],
    ['app/db-connection', [Buffer.from('{"host":"db.example.com","port":5432,"user":"shop"}')]],
    ['app/tls-key', [Buffer.from(PEM_LIKE)]],
    ['app/keystore', [Buffer.from('feedfeed0000000200000000c0ffee00ff80', 'hex')]],
  ]);
}

const PEM_LIKE = `-----BEGIN REHEARSAL KEY-----
dGhpcyBpcyBub3QgYSBrZXksIGp1c3QgYSByZWhlYXJzYWwgd2l0aCBzZXZlcmFs
IGxpbmVzLCBhcyBrZXlzIGhhdmUgdGhlbQ==
-----END REHEARSAL KEY-----
`;
