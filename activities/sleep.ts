import { Context } from '@temporalio/activity';

/** Waits inside an activity; ends at once, with the cancellation, when the activity is cancelled. Outside one it only waits. */
export async function sleep(ms: number): Promise<void> {
  const context = currentContext();
  if (context) await context.sleep(ms);
  else await new Promise((resolve) => setTimeout(resolve, ms));
}

/** The activity we run in, if we run in one. */
export function currentContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
