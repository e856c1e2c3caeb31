import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { type DownloadOptions, downloadFile, findWeights, type RemoteFile } from '../../src/host/download.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CONTENT = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, k) => (k * 7919) >> 8));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that gives its answers one after the other, the last one again and again. */
async function serve(...answers: readonly Answer[]): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answers[Math.min(requests.length, answers.length) - 1](request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights.pth`, requests };
}

/** An honest server: whole files, ranges, and If-Range by its ETag. */
const honest =
  (content = CONTENT, etag = '"v1"'): Answer =>
  (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const current = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    if (range === null || !current) {
      response.writeHead(200, { 'content-length': content.length, etag }).end(content);
      return;
    }
    const from = Number(range[1]);
    const headers = { etag, 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(206, { ...headers, 'content-length': content.length - from }).end(content.subarray(from));
  };

/** Promises the whole and breaks off after so many bytes. */
const dropping =
  (bytes: number, content = CONTENT, etag: string | null = '"v1"'): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-length': content.length, ...(etag === null ? {} : { etag }) });
    response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 150));
  };

const status =
  (code: number): Answer =>
  (_, response) => {
    response.writeHead(code).end('no');
  };

interface Scene {
  readonly file: RemoteFile;
  readonly cache: string;
  readonly path: string;
  readonly part: string;
  readonly notices: string[];
  download(more?: DownloadOptions): Promise<string>;
}

function scene(url: string): Scene {
  const cache = temporaryFolder();
  const file = {
    name: 'net',
    fileName: 'weights.pth',
    url,
    size: CONTENT.length,
    sha256: sha256(CONTENT),
    elsewhere: ['https://example.org/model.safetensors'],
  };
  const path = join(cache, 'weights', 'weights.pth');
  const notices: string[] = [];
  const download = (more: DownloadOptions = {}) =>
    downloadFile(file, cache, { onNotice: (notice) => notices.push(notice), waits: [1, 1, 1], stallMs: 5000, ...more });
  return { file, cache, path, part: `${path}.part`, notices, download };
}

const filesOf = ({ cache }: Scene) => readdirSync(join(cache, 'weights')).sort();

describe('downloadFile', () => {
  it('brings the file under its name, tells how far it is, and leaves nothing else', async () => {
    const { url, requests } = await serve(honest());
    const at = scene(url);
    const progress: [number, number][] = [];
    const path = await at.download({ onProgress: ({ done, total }) => progress.push([done, total]) });
    expect(path).toBe(at.path);
    expect(readFileSync(path).equals(CONTENT)).toBe(true);
    expect(filesOf(at)).toEqual(['weights.pth']);
    expect(progress.at(-1)).toEqual([1, 1]);
    expect(requests.length).toBe(1);
    expect(at.notices).toEqual([]);
  });

  it('asks nobody for what is there already', async () => {
    const { url, requests } = await serve(honest());
    const at = scene(url);
    await at.download();
    await at.download();
    expect(requests.length).toBe(1);
    expect(at.notices).toEqual([`${at.path} is there already, its size and sha256 are right`]);
  });

  it('replaces a file of that name whose contents are others', async () => {
    const { url } = await serve(honest());
    const at = scene(url);
    mkdirSync(join(at.cache, 'weights'));
    writeFileSync(at.path, Buffer.alloc(CONTENT.length));
    await at.download();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
  });

  it('goes on where the connection broke off', async () => {
    const { url, requests } = await serve(dropping(100_000), honest());
    const at = scene(url);
    await at.download();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
    const from = Number(/^bytes=(\d+)-$/.exec(requests[1].headers.range ?? '')?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(100_000);
    expect(requests[1].headers['if-range']).toBe('"v1"');
    expect(at.notices[0]).toMatch('trying again');
  });

  it('goes on in a later call where an earlier one gave up', async () => {
    const { url, requests } = await serve(dropping(120_000), status(500), honest());
    const at = scene(url);
    await expect(at.download({ waits: [1] })).rejects.toThrow(
      /the server answers 500.*bytes are kept for the next try/,
    );
    const have = statSync(at.part).size;
    expect(have).toBeGreaterThan(0);
    await at.download();
    expect(requests.at(-1)?.headers.range).toBe(`bytes=${have}-`);
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
    expect(filesOf(at)).toEqual(['weights.pth']);
  });

  it('comes through many broken connections as long as each brings something', async () => {
    const pieces = Array.from(
      { length: 8 },
      (_, k): Answer =>
        (request, response) => {
          const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
          response.writeHead(from === 0 ? 200 : 206, {
            etag: '"v1"',
            'content-length': CONTENT.length - from,
            ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` }),
          });
          const end = k === 7 ? CONTENT.length : from + 40_000;
          response.write(CONTENT.subarray(from, end), () => setTimeout(() => response.destroy(), 150));
        },
    );
    const { url } = await serve(...pieces);
    const at = scene(url);
    await at.download({ waits: [1, 1] });
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
  });

  it('starts over where the server ignores ranges', async () => {
    const whole: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length, etag: '"v1"' }).end(CONTENT);
    };
    const { url, requests } = await serve(dropping(100_000), whole);
    const at = scene(url);
    await at.download();
    expect(requests[1].headers.range).toBeDefined();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
  });

  it('takes the new file where the contents changed between two attempts', async () => {
    const old = Buffer.alloc(CONTENT.length, 1);
    const { url } = await serve(dropping(100_000, old, '"old"'), honest(CONTENT, '"new"'));
    const at = scene(url);
    await at.download();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
  });

  it('fetches all of it once more where the pieces do not belong together', async () => {
    const old = Buffer.alloc(CONTENT.length, 1);
    const careless: Answer = (request, response) => {
      delete request.headers['if-range'];
      honest()(request, response);
    };
    const { url, requests } = await serve(dropping(100_000, old), careless);
    const at = scene(url);
    await at.download();
    expect(requests.length).toBe(3);
    expect(requests[2].headers.range).toBeUndefined();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
    expect(at.notices.at(-1)).toMatch('the parts do not belong together');
  });

  it('goes on from a server that names no version, since the sha256 tells in the end', async () => {
    const { url, requests } = await serve(dropping(100_000, CONTENT, null), honest());
    const at = scene(url);
    await at.download();
    expect(requests[1].headers.range).toBeDefined();
    expect(requests[1].headers['if-range']).toBeUndefined();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
  });

  it('starts over where the server has no such range', async () => {
    const { url } = await serve(dropping(100_000), status(416), honest());
    const at = scene(url);
    await at.download();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
  });

  it('does not go on with the part of another URL', async () => {
    const { url: first } = await serve(dropping(100_000), status(404));
    const { url: second, requests } = await serve(honest());
    const at = scene(first);
    await expect(at.download()).rejects.toThrow(UsageError);
    await at.download({ url: second });
    expect(requests[0].headers.range).toBeUndefined();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
  });

  it('waits for a server that is busy', async () => {
    const { url } = await serve(status(503), status(429), honest());
    const at = scene(url);
    await at.download();
    expect(readFileSync(at.path).equals(CONTENT)).toBe(true);
  });

  it('gives up a connection on which nothing comes', async () => {
    const silent: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 1000));
    };
    const { url } = await serve(silent);
    const at = scene(url);
    await expect(at.download({ stallMs: 100, waits: [1] })).rejects.toThrow('no data came for a while');
  });
});

describe('a server that does not have the file', () => {
  const refusals: readonly [string, Answer, string][] = [
    ['answers 404', status(404), 'the server answers 404'],
    ['answers 403', status(403), 'the server answers 403'],
    [
      'sends a web page with 200',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>log in</html>');
      },
      'a web page in place of the file',
    ],
    [
      'has a file of another size',
      (_, response) => {
        response.writeHead(200, { 'content-length': 5000 }).end(CONTENT.subarray(0, 5000));
      },
      "expected a file of 300000 bytes, the server's has 5000",
    ],
    [
      'sends more than it should without saying how much',
      (_, response) => {
        response.writeHead(200);
        response.end(Buffer.concat([CONTENT, CONTENT]));
      },
      'expected a file of 300000 bytes, the server sends more',
    ],
  ];
  it.each(refusals)('and %s is asked once; the message says which file to put where', async (_, answer, reason) => {
    const { url, requests } = await serve(answer);
    const at = scene(url);
    const error = await at.download().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    for (const part of [url, reason, at.path, at.file.sha256, '300000 bytes', at.file.elsewhere[0]]) {
      expect((error as UsageError).message).toContain(part);
    }
    expect(requests.length).toBe(1);
    expect(existsSync(at.path)).toBe(false);
  });

  it('and truncates it without saying so is asked again, and then reported', async () => {
    const chunked: Answer = (_, response) => {
      response.writeHead(200);
      response.end(CONTENT.subarray(0, 200_000));
    };
    const { url } = await serve(chunked);
    const at = scene(url);
    await expect(at.download({ waits: [1] })).rejects.toThrow('the connection ended after 200000 of 300000 bytes');
    expect(existsSync(at.path)).toBe(false);
  });

  it('but one of that size with other contents: a FormatError with both sha256, and nothing is kept', async () => {
    const other = Buffer.alloc(CONTENT.length, 3);
    const { url } = await serve(honest(other));
    const at = scene(url);
    const error = await at.download().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toContain(`expected sha256 ${at.file.sha256}, got ${sha256(other)}`);
    expect(filesOf(at)).toEqual([]);
  });

  it('and drops every connection of wrong contents does not keep us for ever', async () => {
    const { url } = await serve(
      dropping(200_000, Buffer.alloc(CONTENT.length, 3)),
      honest(Buffer.alloc(CONTENT.length, 3)),
    );
    await expect(scene(url).download()).rejects.toThrow(FormatError);
  });

  it('because nobody listens there: said at once, with the file to put by hand', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const at = scene(`http://127.0.0.1:${port}/weights.pth`);
    const started = Date.now();
    const error = await at.download({ waits: [60_000] }).catch((thrown: unknown) => thrown);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(/cannot be reached.*To do it by hand put weights.pth/);
  });

  it('because the URL is none', async () => {
    const at = scene('x');
    for (const url of ['file:///etc/passwd', 'http://', 'weights.pth']) {
      await expect(at.download({ url })).rejects.toThrow('expected a URL of http or https');
    }
  });
});

describe('two downloads at once', () => {
  const slow: Answer = (request, response) => void setTimeout(() => honest()(request, response), 300);

  it('fetch the file once', async () => {
    const { url, requests } = await serve(slow);
    const at = scene(url);
    const paths = await Promise.all([at.download(), at.download()]);
    expect(paths).toEqual([at.path, at.path]);
    expect(requests.length).toBe(1);
    expect(at.notices).toEqual(['weights.pth: another process is downloading it; waiting']);
    expect(filesOf(at)).toEqual(['weights.pth']);
  });

  it.each<[string, (lock: string) => void]>([
    ['whose process has died', (lock) => writeFileSync(lock, JSON.stringify({ pid: 2 ** 30, host: hostname() }))],
    [
      'that nobody has touched for a minute',
      (lock) => {
        writeFileSync(lock, JSON.stringify({ pid: process.pid, host: 'another' }));
        utimesSync(lock, 1, 1);
      },
    ],
  ])('take over a lock %s', async (_, leave) => {
    const { url, requests } = await serve(slow);
    const at = scene(url);
    mkdirSync(join(at.cache, 'weights'));
    leave(`${at.path}.lock`);
    await Promise.all([at.download(), at.download()]);
    expect(requests.length).toBe(1);
    expect(filesOf(at)).toEqual(['weights.pth']);
  });
});

describe('findWeights', () => {
  it('gives the path of what was downloaded or put there by hand', async () => {
    const at = scene('http://127.0.0.1:1/');
    mkdirSync(join(at.cache, 'weights'));
    writeFileSync(at.path, CONTENT);
    expect(await findWeights(at.file, at.cache, 'another way')).toBe(at.path);
  });

  it('names the command that brings what is not there', async () => {
    const at = scene('http://127.0.0.1:1/');
    await expect(findWeights(at.file, at.cache, 'another way')).rejects.toThrow(
      'run hypercolumn weights net, or name a file by another way',
    );
    await expect(findWeights(at.file, at.cache, 'another way')).rejects.toThrow(UsageError);
  });

  it.each([
    ['is shorter', CONTENT.subarray(1), 'got 299999 bytes'],
    ['has other contents', Buffer.alloc(CONTENT.length), 'got sha256 '],
  ])('refuses a file in its place that %s', async (_, content, got) => {
    const at = scene('http://127.0.0.1:1/');
    mkdirSync(join(at.cache, 'weights'));
    writeFileSync(at.path, content);
    await expect(findWeights(at.file, at.cache, 'another way')).rejects.toThrow(FormatError);
    await expect(findWeights(at.file, at.cache, 'another way')).rejects.toThrow(got);
  });
});
