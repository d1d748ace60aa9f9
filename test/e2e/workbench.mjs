// The workbench as a person handles it: palette, quick picks, and the panel's frame.
import { join } from 'node:path';

export class Workbench {
  /** @param workspace the folder that is open. */
  constructor(page, shots, workspace) {
    this.page = page;
    this.shots = shots;
    this.workspace = workspace;
  }

  /**
   * F1, the words, Enter; again until the command is known (extensions are scanned a few seconds after the page is
   * there).
   * @param typed what is searched by.
   */
  async command(title, typed = title) {
    for (let attempt = 0; attempt < 30; attempt++) {
      const [first = ''] = await this.commands(typed);
      if (first.includes(title)) {
        await this.page.keyboard.press('Enter');
        return;
      }
      await this.page.keyboard.press('Escape');
      await this.page.waitForTimeout(700);
    }
    throw new Error(`the palette does not know "${title}"`);
  }

  /** Opens the palette. @returns the commands in sight for what is typed; none where it is not there. */
  async commands(typed) {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    await input.waitFor({ state: 'visible', timeout: 5000 }).catch(() => {});
    await input.fill(`>${typed}`).catch(() => {});
    await this.page.waitForTimeout(400);
    return this.page.locator('.quick-input-list .monaco-list-row .label-name').allTextContents();
  }

  /** Waits until a quick pick lists something and returns its rows' texts. */
  async picks() {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor({ state: 'visible', timeout: 15_000 });
    return rows.allInnerTexts();
  }

  /** Enter on the question that is asked. */
  acceptFirst() {
    return this.#answer(() => this.page.keyboard.press('Enter'));
  }

  /** Clicks the row that holds `text`. */
  pick(text) {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
    return this.#answer(() => row.click({ timeout: 2000 }));
  }

  /** Types `text` and takes the line that holds it: lists are longer than what is in sight. */
  async choose(text) {
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    await input.waitFor({ state: 'visible', timeout: 15_000 });
    await input.fill(text);
    await this.pick(text);
  }

  /** Takes a path in the dialog for files, which is a quick input in the browser. */
  async browseTo(path) {
    const input = this.page.locator('.quick-input-widget input[type="text"]').first();
    await this.until('the dialog for files', async () => (await input.inputValue()).startsWith('/'));
    // It looks the path up while it is typed; a folder that it was still to show is put before it.
    await this.until('the path in the dialog', async () => {
      await input.fill(path);
      await this.page.waitForTimeout(1000);
      return (await input.inputValue()) === path;
    });
    await this.acceptFirst();
  }

  /** Presses a button of a notification, once it is there. */
  async notified(button) {
    const found = this.page.locator('.notification-list-item .monaco-button', { hasText: button }).last();
    await found.waitFor({ state: 'visible', timeout: 120_000 });
    await found.click();
  }

  /** Does `act` until the question that is asked has gone: a new one takes no answer in its first moments. */
  async #answer(act) {
    // Between two questions the widget is hidden, and what is read then is not what is asked.
    const asked = await this.until('a question', () => this.#question(), 15_000);
    await this.until(`the question "${asked}" is answered`, async () => {
      await act();
      // A second answer before the first shows would be taken by the question that follows.
      const isGone = async () => (await this.#question()) !== asked;
      return this.until('another question, or none', isGone, 2000).catch(() => false);
    });
  }

  /** Title and placeholder of the question that is asked, '' where none is: in one look, as it may go between two. */
  #question() {
    return this.page.evaluate(() => {
      const widget = document.querySelector('.quick-input-widget');
      if (widget === null || widget.offsetParent === null) return '';
      const title = widget.querySelector('.quick-input-title')?.textContent ?? '';
      return `${title} ${widget.querySelector('input[type="text"]')?.placeholder ?? ''}`;
    });
  }

  /** What is in sight, in words: said where a step fails, as pictures do not travel with a log. */
  async sight() {
    const texts = async (selector) =>
      (await this.page.locator(selector).allInnerTexts()).map((each) => each.replaceAll(/\s+/g, ' ').trim());
    const rooms = await Promise.all(
      this.page.frames().map((frame) =>
        frame
          .locator('body')
          .innerText({ timeout: 1000 })
          .catch(() => ''),
      ),
    );
    return [
      `question: ${await this.#question()}`,
      `tabs: ${(await texts('.tab .label-name')).join(' | ')}`,
      `notifications: ${(await texts('.notification-list-item-message')).join(' | ')}`,
      `status: ${(await texts('.statusbar-item')).filter(Boolean).join(' | ')}`,
      ...rooms.slice(1).map((each) => `frame: ${each.replaceAll(/\s+/g, ' ').slice(0, 300)}`),
    ].join('\n       ');
  }

  /** The panel's document: the frame that shows `room`. */
  async panel(timeoutMs = 60_000, room = 'canvas') {
    const until = Date.now() + timeoutMs;
    while (Date.now() < until) {
      for (const frame of this.page.frames()) {
        if (await frame.$(`[data-testid="${room}"]`).catch(() => null)) return frame;
      }
      await this.page.waitForTimeout(250);
    }
    throw new Error(`no panel with ${room} within ${timeoutMs / 1000} s`);
  }

  /** The footers of all panels that live. */
  async footers() {
    const found = await Promise.all(
      this.page.frames().map((frame) =>
        frame
          .locator('[data-testid="footer"]')
          .first()
          .textContent({ timeout: 200 })
          .catch(() => null),
      ),
    );
    return found.filter((each) => each !== null);
  }

  /** Polls until `probe` gives something true. */
  async until(what, probe, timeoutMs = 30_000) {
    const end = Date.now() + timeoutMs;
    let last;
    while (Date.now() < end) {
      last = await Promise.resolve(probe()).catch((error) => error);
      if (last && !(last instanceof Error)) return last;
      await this.page.waitForTimeout(150);
    }
    throw new Error(`${what}: not within ${timeoutMs / 1000} s (last: ${last})`);
  }

  async screenshot(name) {
    await this.page.screenshot({ path: join(this.shots, `${name}.png`) });
  }
}
