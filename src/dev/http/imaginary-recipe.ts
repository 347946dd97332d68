/**
 * A product that nobody makes, described as any other is: two steps to log in, the second where the first says; the ID
 * token as the whole body; an access token in a cookie and a second one in a header; a look-up that finds too much; a
 * ticket for each read, given back afterwards; errors in a 200, and values in base64url in a list of a list.
 */
export function imaginaryRecipe(isSlow: boolean): object {
  return {
    title: 'an imaginary product',
    parameters: { role: { help: 'role of the job' }, vendor: { default: 'nobody' } },
    login: [
      {
        request: { path: '/entrance', query: { role: '{parameters.role}' } },
        outputs: { door: { json: 'links[rel=token].href', public: true }, realm: { header: 'X-Realm' } },
      },
      {
        request: {
          link: '{login.door}',
          method: 'POST',
          headers: { 'X-Realm': '{login.realm}', 'X-Role': 'role={parameters.role|url}' },
          raw: { text: '{id-token}', type: 'application/jwt' },
        },
        outputs: { token: { cookie: 'pam_session' }, csrf: { json: ['nothing.here', 'session.csrf'] } },
      },
    ],
    expires: [{ in: 'session.missing' }, { at: 'session.ends', form: 'milliseconds' }],
    authorization: {
      headers: { 'X-CSRF': '{login.csrf}' },
      cookies: { pam_session: '{token}', pam_vendor: '{parameters.vendor}' },
    },
    refresh: {
      request: { method: 'POST', path: '/renew', form: { csrf: '{login.csrf}', again: 'yes' } },
      outputs: { token: { cookie: 'pam_session' }, csrf: 'session.csrf' },
    },
    logout: { method: 'DELETE', path: '/session' },
    ...reading(isSlow),
  };
}

function reading(isSlow: boolean): object {
  return {
    'look-up': {
      request: {
        path: '/objects/search',
        json: { query: { begins: '{path}', deep: true }, limit: 500 },
        ...(isSlow && { pending: { statuses: [202], every: '1ms', 'at-most': 5 } }),
      },
      list: 'hits',
      where: { Name: '{path}' },
      outputs: { id: 'Id', safe: 'Place.Safe' },
    },
    'check-out': {
      request: {
        path: '/objects/{found.id}/ticket',
        json: { object: '{found.id|number}', exclusive: false, why: ['job', null] },
        repeat: false,
      },
      outputs: { ticket: 'ticket' },
      'check-in': { method: 'DELETE', path: '/tickets/{found.ticket}' },
    },
    fetch: {
      one: {
        request: { path: '/safes/{found.safe}/objects/{found.id}/value', query: { ticket: '{found.ticket}' } },
        present: 'payload.parts',
        value: { json: 'payload.parts[0].fields[kind~SECRET].content', decode: 'base64url' },
      },
    },
    errors: {
      status: 'outcome.status',
      code: ['outcome.code', 'error.code', 'error'],
      page: 'unauthorized',
      missing: { codes: ['NoSuchObject'] },
      'locked-out': { statuses: [423] },
    },
  };
}
