/** An answer that is a file, made while it is sent. */
export interface FileAnswer {
  mediaType: string;
  /** Name that a browser saves it under. */
  name: string;
  chunks: Iterable<string>;
}

/**
 * The file as a response. A chunk is made when the client has room for it, so that a slow reader holds one chunk and not the
 * file; one that goes away ends the making.
 */
export function fileResponse(file: FileAnswer, headers: Record<string, string>): Response {
  const chunks = file.chunks[Symbol.iterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      },
      cancel() {
        chunks.return?.();
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(body, {
    headers: {
      ...headers,
      'content-type': file.mediaType,
      'content-disposition': `attachment; filename="${file.name}"`,
    },
  });
}
