import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A repository over HTTP, with the faults that a test asks for. */
export class RepositoryServer {
  readonly #server: Server;
  readonly #directory: string;
  /** Paths that are answered with 404. */
  readonly missing = new Set<string>();
  /** Ends every connection without an answer. */
  hangsUp = false;
  /** Paths whose content is replaced. */
  readonly replaced = new Map<string, Buffer>();
  /** What was asked for. */
  readonly requests: string[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
    this.#server = createServer((request, response) => {
      const path = (request.url ?? '/').replace(/^\/+/, '');
      this.requests.push(path);
      if (this.hangsUp) {
        request.socket.end();
        return;
      }
      const file = join(this.#directory, path);
      if (this.missing.has(path) || !existsSync(file) || !statSync(file).isFile()) {
        response.writeHead(404).end();
        return;
      }
      const modified = Math.floor(statSync(file).mtimeMs / 1000);
      const since = Date.parse(request.headers['if-modified-since'] ?? '') / 1000;
      if (since >= modified) {
        response.writeHead(304).end();
        return;
      }
      const other = this.replaced.get(path);
      const size = other?.length ?? statSync(file).size;
      response.writeHead(200, {
        'content-length': size,
        'last-modified': new Date(modified * 1000).toUTCString(),
      });
      if (other !== undefined) response.end(other);
      else createReadStream(file).pipe(response);
    });
  }

  static async start(directory: string): Promise<RepositoryServer> {
    const server = new RepositoryServer(directory);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
