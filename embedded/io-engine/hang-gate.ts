/** Where everything of a hanging node waits: gRPC calls, disk I/O, the heart-beat. */
export class HangGate {
  private frozen: Promise<void> | undefined;
  private thaw: (() => void) | undefined;

  get isHung(): boolean {
    return this.frozen !== undefined;
  }

  set(on: boolean): void {
    if (on && !this.frozen) {
      this.frozen = new Promise((resolve) => {
        this.thaw = resolve;
      });
    } else if (!on) {
      this.frozen = undefined;
      this.thaw?.();
    }
  }

  async pass(): Promise<void> {
    while (this.frozen) await this.frozen;
  }
}
