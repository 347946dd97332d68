import type { HttpClient } from '../../src/lib/http.ts';

/** How many requests of a client were ever under way at the same time, from now on. */
export function mostUnderWay(http: HttpClient): () => number {
  let underWay = 0;
  let most = 0;
  const send = http.send.bind(http);
  Object.assign(http, {
    async send(...given: Parameters<typeof send>) {
      most = Math.max(most, ++underWay);
      return send(...given).finally(() => underWay--);
    },
  });
  return () => most;
}
