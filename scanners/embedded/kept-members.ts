import type { Member } from './opener';
import type { Gap, UnpackBudget, Unpacked } from './unpack';

/** What a reader takes out of an archive that lies whole in memory, within the budget of its file; parts share its bytes. */
export class KeptMembers implements Unpacked {
  readonly members: Member[] = [];
  readonly gaps = new Set<Gap>();
  private readonly budget: UnpackBudget;
  private left: number;

  constructor(budget: UnpackBudget) {
    this.budget = budget;
    this.left = budget.totalBytes;
  }

  /** Keeps one member; what does not fit is left out or cut, and the gap `limit_reached` says so. */
  take(name: string, body: Buffer): void {
    if (this.members.length >= this.budget.members || body.length > this.left) {
      this.gaps.add('limit_reached');
      return;
    }
    const cut = body.subarray(0, this.budget.memberBytes);
    if (cut.length < body.length) this.gaps.add('limit_reached');
    this.left -= cut.length;
    this.members.push({ name, data: cut });
  }
}
