import { createHash } from 'node:crypto';
import { errorXml, type S3Answer, S3Front, type S3Request } from './s3-front.js';

/** As much of S3 as our store uses, in memory: conditions, paging; signatures are not looked at. */
export async function startFakeS3({ pageSize = 1_000 } = {}): Promise<S3Front> {
  const objects = new Map<string, Buffer>();

  const put = (path: string, { headers, body }: S3Request): S3Answer => {
    const there = objects.get(path);
    if (headers['if-none-match'] === '*' && there) return failure(412, 'PreconditionFailed');
    const tag = headers['if-match'];
    if (tag !== undefined && !there) return failure(404, 'NoSuchKey');
    if (tag !== undefined && there && etagOf(there) !== `"${tag.replaceAll('"', '')}"`) {
      return failure(412, 'PreconditionFailed');
    }
    objects.set(path, body);
    return answer(200, Buffer.alloc(0), { etag: etagOf(body) });
  };

  const get = (path: string): S3Answer => {
    const bytes = objects.get(path);
    return bytes
      ? answer(200, bytes, { etag: etagOf(bytes), 'content-length': String(bytes.length) })
      : failure(404, 'NoSuchKey');
  };

  const list = (bucket: string, query: URLSearchParams): S3Answer => {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const names = [...objects.keys()]
      .filter((path) => path.startsWith(`/${bucket}/`))
      .map((path) => path.slice(bucket.length + 2))
      .filter((key) => key.startsWith(prefix));
    const folded = names.map((key) => {
      const at = query.has('delimiter') ? key.indexOf('/', prefix.length) : -1;
      return at < 0 ? key : key.slice(0, at + 1);
    });
    const all = [...new Set(folded)].filter((name) => name > after).sort();
    const page = all.slice(0, pageSize);
    const entries = page.map((name) =>
      name.endsWith('/')
        ? `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${name}</Key></Contents>`,
    );
    const more = all.length > page.length;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return answer(
      200,
      Buffer.from(
        `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>${bucket}</Name><IsTruncated>${more}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`,
      ),
      { 'content-type': 'application/xml' },
    );
  };

  return S3Front.start(async (request) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const path = decodeURIComponent(pathname);
    if (request.method === 'PUT') return put(path, request);
    if (searchParams.has('list-type')) return list(path.split('/')[1] ?? '', searchParams);
    const found = get(path);
    return request.method === 'HEAD' ? { ...found, body: Buffer.alloc(0) } : found;
  });
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function answer(status: number, body: Buffer, headers: Record<string, string>): S3Answer {
  return { status, headers, body };
}

function failure(status: number, code: string): S3Answer {
  return answer(status, Buffer.from(errorXml(code, code)), { 'content-type': 'application/xml' });
}
