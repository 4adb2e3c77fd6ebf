import type { PreviewReport } from "../../../report";
import { renderMap } from "../map";
import type { MapView } from "../map-data";
import { renderDetail, renderRegionList } from "../panel";
import { find, replaceContent } from "./elements";

/** Milliseconds from one state to the other. */
const ANIMATION = 600;

/** The map, its controls, and the list of regions beside it. */
export class MapPanel {
  private readonly map = find("#map");
  private readonly slider = document.querySelector<HTMLInputElement>("#position");
  private readonly buttons = (["before", "after"] as const).map((id) => document.querySelector<HTMLElement>(`#${id}`));
  private readonly cluster = document.querySelector<HTMLSelectElement>("#cluster");
  private readonly drill = document.querySelector<HTMLSelectElement>("#drill");
  private region: string | undefined;
  private animation = 0;

  constructor(private readonly report: PreviewReport) {}

  /** Shows the controls and draws the map whenever one of them, or the width of the page, changes. */
  start(): void {
    for (const hidden of document.querySelectorAll<HTMLElement>(".controls, #fleet aside")) hidden.hidden = false;
    find("#fleet").classList.add("interactive");
    this.slider?.addEventListener("input", () => {
      cancelAnimationFrame(this.animation);
      this.draw();
    });
    this.buttons.forEach((button, target) => button?.addEventListener("click", () => this.moveTo(target)));
    this.cluster?.addEventListener("change", () => {
      this.region = undefined;
      this.draw();
    });
    this.drill?.addEventListener("change", () => {
      cancelAnimationFrame(this.animation);
      // A drill starts from the state after the change.
      if (this.slider) this.slider.value = "100";
      this.draw();
    });
    find("#fleet").addEventListener("click", ({ target }) => {
      const region = (target as Element).closest("[data-region]")?.getAttribute("data-region");
      if (region !== null && region !== undefined) this.select(region === this.region ? undefined : region);
    });
    find("#fleet").addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.select(undefined);
    });
    new ResizeObserver(() => this.draw()).observe(this.map);
    this.draw();
  }

  private select(region: string | undefined): void {
    this.region = region;
    this.draw();
  }

  private view(): MapView {
    const [cluster, drill] = [this.cluster?.value, this.drill?.value];
    return {
      width: Math.max(280, Math.round(this.map.clientWidth)),
      position: this.slider ? Number(this.slider.value) / 100 : 1,
      ...(cluster && { cluster }),
      ...(drill && { drill: Number(drill) }),
      ...(this.region !== undefined && { region: this.region }),
    };
  }

  private draw(): void {
    const view = this.view();
    replaceContent(this.map, renderMap(this.report, view));
    replaceContent(find("#region-list"), renderRegionList(this.report, view));
    const [detail, text] = [find("#detail"), renderDetail(this.report, view)];
    // Screen readers announce each replacement.
    if (detail.dataset.text !== text) {
      detail.dataset.text = text;
      replaceContent(detail, text);
    }
    if (!this.slider) return;
    const fixed = view.drill !== undefined;
    this.slider.disabled = fixed;
    const { position } = view;
    this.slider.ariaValueText =
      position === 0 ? "before the change" : position === 1 ? "after the change" : `${Math.round(position * 100)} %`;
    this.buttons.forEach((button, target) => {
      button?.setAttribute("aria-pressed", String(position === target));
      button?.toggleAttribute("disabled", fixed);
    });
  }

  private moveTo(target: number): void {
    const slider = this.slider!;
    cancelAnimationFrame(this.animation);
    const [from, to] = [Number(slider.value), 100 * target];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const started = performance.now();
    const step = (now: number): void => {
      const share = still ? 1 : Math.min(1, (now - started) / ANIMATION);
      slider.step = share < 1 ? "any" : "5";
      slider.value = String(from + (to - from) * share);
      this.draw();
      if (share < 1) this.animation = requestAnimationFrame(step);
    };
    step(started);
  }
}
