// Who is here, and which page is shown.

import { useEffect } from "preact/hooks";
import { Redirect, Route, Switch, useLocation } from "wouter-preact";
import { attended } from "./api/attention";
import { connected, expired, session, stay } from "./api/client";
import { follow, unfollow } from "./api/live";
import { Frame } from "./frame";
import { Administrators } from "./pages/administrators";
import { Audit } from "./pages/audit";
import { ConversionPage, Conversions } from "./pages/conversions";
import { DeskPhones } from "./pages/desk_phones";
import { HotDesking } from "./pages/hot_desking";
import { Locations } from "./pages/locations";
import { Manage } from "./pages/manage";
import { Nowhere } from "./pages/nowhere";
import { Overview } from "./pages/overview";
import { PhonePage } from "./pages/phone";
import { QuickCreate } from "./pages/quick_create";
import { Security } from "./pages/security";
import { SignIn, SignInAgain } from "./pages/sign_in";
import { System } from "./pages/system";
import { Questions, unask } from "./ui/dialog";
import { Loading } from "./ui/parts";
import { dismissAll, Toasts } from "./ui/toast";

const SIGN_OF_LIFE = 60_000; // milliseconds

function Pages() {
  const [path] = useLocation();
  useEffect(() => {
    follow();
    const staying = setInterval(() => attended() && void stay().catch(() => undefined), SIGN_OF_LIFE);
    return () => {
      clearInterval(staying);
      unfollow();
      unask();
      dismissAll();
    };
  }, []);
  // A new page begins at its heading, for eyes and for screen readers.
  useEffect(() => {
    window.scrollTo(0, 0);
    if (document.activeElement === document.body || document.activeElement?.closest("nav"))
      document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [path]);
  return (
    <Frame>
      <Switch>
        <Route path="/" component={Overview} />
        <Route path="/setup/phones/desk-phones" component={DeskPhones} />
        <Route path="/setup/phones/quick-create" component={QuickCreate} />
        <Route path="/setup/phones/hot-desking" component={HotDesking} />
        <Route path="/setup/phones"><Redirect to="/setup/phones/desk-phones" /></Route>
        <Route path="/setup/manage/:extension?">{({ extension }) => <Manage extension={extension ?? ""} />}</Route>
        <Route path="/setup"><Redirect to="/setup/phones/desk-phones" /></Route>
        <Route path="/phones/:mac">{({ mac }) => <PhonePage key={mac} mac={decodeURIComponent(mac)} />}</Route>
        <Route path="/phones"><Redirect to="/setup/phones/desk-phones?role=all" /></Route>
        <Route path="/blocks"><Redirect to="/security/blocks" /></Route>
        <Route path="/events"><Redirect to="/security/events" /></Route>
        <Route path="/misplaced"><Redirect to="/security/out-of-place" /></Route>
        <Route path="/locations" component={Locations} />
        <Route path="/conversions" component={Conversions} />
        <Route path="/conversions/:id">{({ id }) => <ConversionPage key={id} id={id} />}</Route>
        <Route path="/security/:part?">{({ part }) => <Security part={part ?? "blocks"} />}</Route>
        <Route path="/audit" component={Audit} />
        <Route path="/administrators" component={Administrators} />
        <Route path="/system" component={System} />
        <Route component={Nowhere} />
      </Switch>
    </Frame>
  );
}

export function App() {
  const who = session.value;
  return (
    <>
      {!connected.value && (
        <p class="banner" role="alert">
          stormdoor does not answer; it may be restarting. This page goes on by itself when it is back.
        </p>
      )}
      {who === undefined ? <Loading what="Looking who is here" /> : who === null ? <SignIn /> : <Pages key={who.name} />}
      {who && expired.value && <SignInAgain name={who.name} />}
      <Questions />
      <Toasts />
    </>
  );
}
