import { connect } from 'node:net';

/** A server at a port of loopback, spoken to in bytes. */
export class RawClient {
  constructor(private readonly port: () => number) {}

  get host(): string {
    return `127.0.0.1:${this.port()}`;
  }

  /** Sends bytes as they are and reads until the answer's end is seen or the server closes. */
  send(text: string | Buffer, until = (seen: string) => /\r\n\r\n[\s\S]/.test(seen)): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port(), '127.0.0.1', () => socket.write(text));
      let seen = '';
      const timer = setTimeout(() => reject(new Error(`no answer: ${seen}`)), 20_000);
      const done = () => {
        clearTimeout(timer);
        socket.destroy();
        resolve(seen);
      };
      socket.on('data', (d) => {
        seen += d;
        if (until(seen)) done();
      });
      socket.on('end', done);
      socket.on('error', done);
    });
  }

  /** Sends bytes and reads all there is until the server closes the connection. */
  sendToEnd(text: string | Buffer): Promise<string> {
    return this.send(text, () => false);
  }

  get(path: string, headers = '', host = this.host): Promise<string> {
    return this.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`);
  }

  post(path: string, headers = '', body = ''): Promise<string> {
    const fixed = `Host: ${this.host}\r\nOrigin: http://${this.host}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    return this.send(`POST ${path} HTTP/1.1\r\n${fixed}${headers}\r\n${body}`);
  }
}

export const status = (text: string): number => Number(text.slice(9, 12));
export const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);
/** Answers in a stream of bytes. */
export const answersIn = (text: string): number => text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
