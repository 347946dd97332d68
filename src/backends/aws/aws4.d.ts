/** The part of aws4 that is used. It has no types of its own. */

declare module 'aws4' {
  interface Request {
    readonly host: string;
    readonly method: string;
    readonly path: string;
    readonly service: string;
    readonly region: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
    /** Lower-case names of headers that are left out of the signature. */
    readonly extraHeadersToIgnore: Readonly<Record<string, true>>;
  }

  interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  }

  const aws4: {
    sign(request: Request, credentials: Credentials): { readonly headers: Readonly<Record<string, string>> };
  };
  export default aws4;
}
