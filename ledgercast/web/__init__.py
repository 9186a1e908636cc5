"""The web edge that the console, mfa and oauth functions share: requests in, pages out, and everything between.

A function's handler.py makes one App in `build(compose=dependencies)`, so that a test can hand in its own world, and
exports `app = build()` (whose routes a test enumerates) and `handler = app.handle`:

    app = App("console", compose.dependencies, templates=Path(__file__).parent / "templates")

    @app.route("GET", "/sources/{connection}", who="member")
    def source(visit: Visit, deps: Dependencies) -> Reply:
        found = deps.state.connection(WORKSPACE, visit.params["connection"])
        return page("source.html.j2", connection=found) if found else not_found()

    @app.route("POST", "/sources/{connection}/name", who="owner")
    def rename(visit: Visit, deps: Dependencies) -> Reply:
        try:
            name = visit.field("name", 80)
        except FormError as wrong:
            return page("source.html.j2", 422, alert=str(wrong), typed=visit.form)
        deps.edge.audit.note("settings.changed", visit.actor, visit.address)
        return redirect(f"/sources/{visit.params['connection']}")

`deps` is whatever `compose.dependencies()` returns; it has an attribute `edge: Edge` (made by `edge.from_environment`)
with the sessions, members, audit and settings that App itself needs. By the time a handler runs, App has refused what
`who` forbids, checked CSRF and Origin of a state change, and the size, type and encoding of the body. Afterwards it
renders the template, adds the security headers, and turns any exception into a page with an error id.
Templates extend base.html.j2, and every form has `{{ csrf_field() }}`. A handler that starts or rotates a session
answers with `reply.with_session(*deps.edge.sessions.rotate(visit.own_session))`. A session whose second factor is still
to come is led to `/sign-in`, which shows second_factor.html.j2 to it.
"""
